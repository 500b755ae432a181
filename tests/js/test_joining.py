import re

import pytest

from alwidgets.views.front_end import script


def joined(folder, files, name="widget/main.js"):
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    return script(name, folder)


def test_imports_are_followed_through_folders_and_each_module_comes_once_before_those_that_need_it(tmp_path):
    files = {
        "common/dom.js": "export function make() {}\n",
        "common/keys.js": 'import { make } from "./dom.js";\nexport const KEY = make();\n',
        "widget/main.js": 'import { make } from "../common/dom.js";\n'
        'import {\n  KEY,\n} from "../common/keys.js";\nmake(KEY);\n',
    }
    assert joined(tmp_path, files) == "export function make() {}\nexport const KEY = make();\nmake(KEY);\n"


@pytest.mark.parametrize(
    "line",
    [
        'import dom from "../common/dom.js";',
        'import * as dom from "../common/dom.js";',
        'import "../common/dom.js";',
        'import { make as made } from "../common/dom.js";',
        'import { make } from "lodash";',
        "import { make } from '../common/dom.js';",
        '  import { make } from "../common/dom.js";',
        'const dom = await import("../common/dom.js");',
        "const here = import.meta.url;",
        'export { make } from "../common/dom.js";',
        'export * from "../common/dom.js";',
        "export { first };",
        "export const { a, b } = first;",
        "const [a, b] = first;",
        'import { make } from "../../common/dom.js";',
        "const a = 1; export { a };",
        'const z = 1; import { make } from "../common/dom.js";',
        "const a = 1, hidden = 2;",
        "const a = { first: 1 }, hidden = 2;",
        "  const indented = 1;",
        "const a = 1; const hidden = 2;",
        "const at = '/*'; export { at };",
        "const at = `/*`; export { at };",
        "const at = /\\/*/; export { at };",
    ],
)
def test_a_form_that_is_not_read_is_refused_with_its_file_and_line(tmp_path, line):
    files = {
        "common/dom.js": "export function make() {}\n",
        "widget/main.js": f"// The first line.\nconst first = 1;\n{line}\n",
    }
    with pytest.raises(ValueError, match=r"^widget/main\.js:3: "):
        joined(tmp_path, files)


def test_words_in_comments_and_types_are_no_imports(tmp_path):
    text = '/**\n import dom from "dom";\n @param {import("./x.js").X} x\n */\n'
    text += 'const at = "https://a.b"; // export { at }\n'
    assert joined(tmp_path, {"widget/main.js": text}) == text


@pytest.mark.parametrize(
    "text",
    [
        "const at = '/*';\n",
        "const at = `/*`;\n",
        "const at = /[/*]\\/*/;\n",
        'const at = "export { at }";\n',
        "f(/import/);\n",
    ],
)
def test_what_a_text_or_a_pattern_holds_is_no_code(tmp_path, text):
    files = {
        "common/dom.js": "export function make() {}\n",
        "widget/main.js": f'{text}import {{ make }} from "../common/dom.js";\nmake(); // */\n',
    }
    assert joined(tmp_path, files) == f"export function make() {{}}\n{text}make(); // */\n"


def test_a_file_that_is_not_there_is_named_where_it_is_imported(tmp_path):
    with pytest.raises(ValueError, match=re.escape("widget/main.js:2: there is no common/gone.js.")):
        joined(tmp_path, {"widget/main.js": '\nimport { gone } from "../common/gone.js";\n'})


def test_a_name_that_is_not_exported_is_named_where_it_is_imported(tmp_path):
    files = {"common/dom.js": "function make() {}\n", "widget/main.js": 'import { make } from "../common/dom.js";\n'}
    with pytest.raises(ValueError, match=re.escape("widget/main.js:1: common/dom.js does not export make.")):
        joined(tmp_path, files)


def test_a_circle_is_refused_and_shown(tmp_path):
    files = {
        "widget/main.js": 'import { a } from "./a.js";\n',
        "widget/a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
        "widget/b.js": '// Needs the other.\nimport { a } from "./a.js";\nexport const b = a;\n',
    }
    with pytest.raises(
        ValueError, match=re.escape("widget/b.js:2: a circle of imports: widget/a.js -> widget/b.js -> widget/a.js.")
    ):
        joined(tmp_path, files)


@pytest.mark.parametrize(
    "other", ["const draw = 1;", "function draw() {}", "export async function draw() {}", "class draw {}"]
)
def test_two_modules_with_the_same_name_at_their_top_level_are_refused(tmp_path, other):
    files = {
        "widget/a.js": f"export const a = 1;\n{other}\n",
        "widget/main.js": 'import { a } from "./a.js";\n\nfunction draw() {}\n',
    }
    with pytest.raises(
        ValueError, match=re.escape("widget/main.js:3: draw is a name of widget/a.js as well; rename one.")
    ):
        joined(tmp_path, files)


def test_only_the_module_of_the_widget_itself_may_have_a_default_export(tmp_path):
    files = {
        "widget/a.js": "export const a = 1;\nexport default { a };\n",
        "widget/main.js": 'import { a } from "./a.js";\nexport default { a };\n',
    }
    with pytest.raises(ValueError, match=r"^widget/a\.js:2: "):
        joined(tmp_path, files)
