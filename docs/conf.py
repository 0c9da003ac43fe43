"""The documentation site: ``sphinx-build -W docs SITE``, with the extra ``docs``; nothing is fetched meanwhile."""

from importlib.metadata import version as version_of

project = "Injae"
author = "the Injae authors"
release = version = version_of("injae")
html_title = f"Injae {release}"
html_theme = "furo"
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["**/.ipynb_checkpoints", "reference/*.py"]
templates_path: list[str] = []

# headings of all levels can be linked to, as they can where the repository is read
myst_heading_anchors = 4
# tutorials are executed by every build; what one raises ends it
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 900  # seconds a cell: the first on a machine compiles the model
nb_execution_show_tb = True
nb_merge_streams = True

autodoc_typehints = "description"
autodoc_member_order = "bysource"
