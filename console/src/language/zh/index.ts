import "dayjs/locale/zh-cn";

import locale from "antd/locale/zh_CN";

import type { Words } from "../setup";
import { frame } from "./frame";
import { names } from "./names";
import { pages } from "./pages";

/** Every word of the console in Chinese. */
export const words: Words = { ...frame, ...names, ...pages };
export { locale };
