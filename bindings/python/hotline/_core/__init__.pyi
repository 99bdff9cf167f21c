from . import base as base
from . import expr as expr
