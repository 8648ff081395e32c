# The page's own JavaScript, by the names of web/pyscript.json.

from typing import Any

app_badge: Any
downloads: Any
file_drop: Any
file_handles: Any
handed_in: Any
heat_canvas: Any
library_choice: Any
limits: Any
settings_store: Any
shared_captioner: Any
thumbnails: Any
