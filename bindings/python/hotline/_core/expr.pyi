from typing import Any, Optional, Union

class Environment:
    """Declared variables: a dict of names to types, kept in order."""

    def __init__(self, variables: Optional[dict[str, str]] = None) -> None: ...
    def declare(self, name: str, type: str) -> int:
        """Declares a variable and returns its slot."""
    @property
    def variables(self) -> dict[str, str]:
        """Names and types, in order."""

class Program:
    """A compiled expression. Immutable: share it between threads."""

    def __init__(
        self,
        source: str,
        environment: Union[Environment, dict[str, str], None] = None,
        *,
        result: Optional[str] = None,
        budget: Optional[int] = None,
    ) -> None: ...
    def evaluate(self, values: Optional[dict[str, Any]] = None, /, **kwargs: Any) -> Any:
        """The value; variables from a dict, by name, or both."""
    def test(self, values: Optional[dict[str, Any]] = None, /, **kwargs: Any) -> bool:
        """As evaluate, of a bool."""
    def to_json(self, values: Optional[dict[str, Any]] = None, /, **kwargs: Any) -> str:
        """The value as JSON."""
    @property
    def source(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def cost(self) -> int:
        """The worst case, in steps."""
    @property
    def variables(self) -> list[str]:
        """The variables that the expression uses."""
