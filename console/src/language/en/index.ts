import locale from "antd/locale/en_US";

import { frame } from "./frame";
import { names } from "./names";
import { pages } from "./pages";

/** Every word of the console in English; `zh` has the same keys, which the compiler checks. */
export const words = { ...frame, ...names, ...pages };
export { locale };
