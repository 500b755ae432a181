"""Write the pages that are made from the code: python -m tests.documentation."""

from tests.documentation.pages import pages

for file, text in pages():
    file.write_text(text, encoding="utf-8")
    print(f"wrote {file}")
