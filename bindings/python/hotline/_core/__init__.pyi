from . import acd as acd
from . import base as base
from . import expr as expr
from . import workflow as workflow
