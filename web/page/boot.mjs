// @ts-check
/**
 * Starts PyScript under a strict Content-Security-Policy.
 *
 * PyScript 0.7.31 prepares a hook for Python workers with `Function()`, on pages without any too,
 * and the policy (no 'unsafe-eval') forbids that. Seesay's worker is its own: clear the hook.
 */
import { hooks } from "../runtime/pyscript/core.js";

hooks.worker.onBeforeRunAsync.clear();
