"""Every form in which the JavaScript API takes an image gives the same caption."""

from __future__ import annotations

from tests.browser.api_page import api_site, isolated, opened, run, started
from tests.browser.conftest import OpenPage

__all__ = ["api_site", "isolated", "opened", "started"]  # fixtures


def test_all_forms_of_an_image_are_the_same_image(opened: OpenPage) -> None:
    seen = run(
        opened.page,
        """
        const canvas = new OffscreenCanvas(60, 40);
        canvas.getContext("2d").fillRect(5, 5, 30, 20);
        const blob = await canvas.convertToBlob({ type: "image/png" });
        const bytes = new Uint8Array(await blob.arrayBuffer());
        const padded = new Uint8Array(bytes.length + 9);
        padded.set(bytes, 4);
        const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
        shared.set(bytes);
        const base64 = btoa(String.fromCharCode(...bytes));
        const percent = [...bytes].map((byte) => "%" + byte.toString(16).padStart(2, "0")).join("");
        const url = URL.createObjectURL(blob);
        const img = Object.assign(new Image(), { src: url });
        const revoked = URL.createObjectURL(new Blob(["gone"]));
        URL.revokeObjectURL(revoked);
        const images = [
          blob, bytes.buffer.slice(0), bytes, padded.subarray(4, 4 + bytes.length),
          new DataView(padded.buffer, 4, bytes.length), shared,
          `data:image/png;base64,${base64}`, new URL(`data:image/png,${percent}`), url, img,
        ];
        const hashes = [];
        for (const image of images) {
          hashes.push((await c.caption(image, { maxNewTokens: 2 })).image.sha256);
        }
        const wrong = ["data:image/png;base64,!", revoked, { no: "image" }, "", new Image()];
        const refused = [];
        for (const image of wrong) refused.push(await outcome(c.caption(image)));
        return { hashes, refused, kept: bytes.length, length: bytes.buffer.byteLength };
        """,
    )
    assert len(seen["hashes"]) == 10
    assert len(set(seen["hashes"])) == 1
    assert seen["kept"] == seen["length"]  # the caller's bytes stay the caller's
    assert [end["code"] for end in seen["refused"]] == ["input"] * 5
    opened.watch.ignored.append("ERR_FILE_NOT_FOUND")


def test_drawn_images_are_the_same_image_as_their_file(opened: OpenPage) -> None:
    seen = run(
        opened.page,
        """
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { width: 60, height: 40 });
        const pen = canvas.getContext("2d");
        pen.fillStyle = "teal";
        pen.fillRect(5, 5, 30, 20);
        const offscreen = new OffscreenCanvas(60, 40);
        offscreen.getContext("2d").drawImage(canvas, 0, 0);
        const images = [
          await offscreen.convertToBlob(), canvas, offscreen,
          await createImageBitmap(canvas), pen.getImageData(0, 0, 60, 40),
        ];
        const captions = [];
        for (const image of images) {
          const { caption, image: { width, height } } = await c.caption(image);
          captions.push([caption, width, height]);
        }
        const closed = await createImageBitmap(canvas);
        closed.close();
        const refused = [];
        for (const image of [closed, new OffscreenCanvas(0, 9)]) {
          refused.push(await outcome(c.caption(image)));
        }
        return { captions, refused };
        """,
    )
    assert seen["captions"] == [[seen["captions"][0][0], 60, 40]] * 5
    assert {end["message"].split(":")[0] for end in seen["refused"]} == {"That image has no pixels"}
