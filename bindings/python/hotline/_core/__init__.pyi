from . import acd as acd
from . import base as base
from . import expr as expr
from . import ticket as ticket
from . import workflow as workflow
from . import sim as sim
from . import wfm as wfm
