"""A library as a whole: checked, repaired, made anew with other models, taken elsewhere."""

from bifolio.maintenance.archives import Archived, BadArchive, export_library, import_library
from bifolio.maintenance.rebuilding import Rebuilt, rebuild
from bifolio.maintenance.repairing import Repair, repair

__all__ = [
    "Archived",
    "BadArchive",
    "Rebuilt",
    "Repair",
    "export_library",
    "import_library",
    "rebuild",
    "repair",
]
