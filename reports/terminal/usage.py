"""The command line's own words in Chinese (命令行用语): help panels, and what is wrong with a command as typed.

PANELS are for :mod:`.terminal_help`, which sets them when help will be shown.
"""

from __future__ import annotations

PANELS = {
    "ARGUMENTS_PANEL_TITLE": "参数", "OPTIONS_PANEL_TITLE": "选项", "COMMANDS_PANEL_TITLE": "命令",
    "ERRORS_PANEL_TITLE": "用法不对", "DEFAULT_STRING": "[缺省：{}]", "REQUIRED_LONG_STRING": "[必填]",
    "RICH_HELP": "用 [blue]'{command_path} {help_option}'[/] 查看帮助", "ABORTED_TEXT": "已中断",
}  # fmt: skip


def usage_text(fault: Exception) -> str:
    """What is wrong with the command as typed, from the command-line library's exception."""
    kinds = [c.__name__ for c in type(fault).__mro__]
    name = str(getattr(fault, "option_name", "") or getattr(fault, "param_hint", "") or _parameter(fault))
    if "NoSuchOption" in kinds:
        near = getattr(fault, "possibilities", None)
        return f"没有选项 {name}" + (f"；相近的有 {'、'.join(sorted(near))}" if near else "")
    if "NoSuchCommand" in kinds or "No such command" in str(fault):
        return "没有这个命令；用 tijian --help 列出全部命令"
    if "MissingParameter" in kinds:
        return f"缺少 {name}" if name else "缺少参数"
    if "BadParameter" in kinds:
        return f"{name} 的值不对：{_choices(str(getattr(fault, 'message', fault)))}"
    if "BadOptionUsage" in kinds:
        return f"选项 {name} 后面要跟一个值"
    return str(getattr(fault, "message", fault))


def _parameter(fault: Exception) -> str:
    """The argument or option the fault is about, as the user knows it."""
    parameter = getattr(fault, "param", None)
    if parameter is None:
        return ""
    return str(
        getattr(parameter, "metavar", None) or (getattr(parameter, "opts", None) or [""])[0] or parameter.name
    )


def _choices(message: str) -> str:
    """The library's sentence about allowed values, in Chinese where its form is known."""
    text = message.removeprefix("Value error, ").rstrip(".")
    for english, chinese in ((" is not one of ", " 不在可选值中，可选："), ("Input should be a valid integer, unable to parse string as an integer", "应为整数"),
                             ("Input should be a valid number, unable to parse string as a number", "应为数"),
                             ("Input should be greater than or equal to", "应不小于"), ("Input should be less than or equal to", "应不大于")):  # fmt: skip
        text = text.replace(english, chinese)
    return text
