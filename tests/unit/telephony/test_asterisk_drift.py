"""What is rendered can be read back, section by section, for every version and every feature."""

from dataclasses import replace

import pytest

from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.fastagi_secret import fastagi_secret, hide_secrets, proof_expression
from telephony.asterisk.config.model import AgentLine, AsteriskVersion, Endpoint, PbxConfig, Trunk
from telephony.asterisk.config.render import render
from telephony.asterisk.config_drift import (
    AGENTS,
    QUEUES,
    contexts_of,
    differences,
    rendered_sections,
    running_agents,
    running_context,
    running_queues,
)

PLAN = PbxConfig(
    user="winback",
    secret="not-a-secret-at-all",  # noqa: S106 - an example
    ami=Endpoint(host="127.0.0.1", port=5038),
    agi=(Endpoint(host="127.0.0.1", port=4573),),
    agents=(
        AgentLine(id="a1", name="Ada Example", code="101"),
        AgentLine(id="a2", name="Bo Example", phone="PJSIP/102", code="102"),
    ),
    trunks=(Trunk(name="acme", dial="PJSIP/{number}@acme", channels=10),),
)


@pytest.mark.parametrize("version", list(AsteriskVersion))
@pytest.mark.parametrize("everything", [False, True])
def test_every_rendered_step_is_compared(version: AsteriskVersion, *, everything: bool) -> None:
    config = replace(PLAN, record=everything, machine_hint=everything, whisper=everything)
    files = render(config, version)
    sections = rendered_sections(files)
    text = files["winback_extensions.conf"]
    steps = sum(line.startswith(("exten => ", " same => ")) for line in text.splitlines())
    assert sum(len(sections[context]) for context in contexts_of(files)) == steps
    assert differences(sections, sections) == ()


def test_a_difference_names_its_section_its_lines_and_the_command_that_loads_it() -> None:
    old, new = (
        rendered_sections(
            render(replace(PLAN, agi=(Endpoint(host="127.0.0.1", port=port),)), AsteriskVersion.V22)
        )
        for port in (4573, 4574)
    )
    found = differences(new, old)
    proof = hide_secrets(proof_expression(fastagi_secret(PLAN.secret)))
    assert fastagi_secret(PLAN.secret) not in repr(found), "what is shown holds no secret"
    assert {"dialplan reload"} == {difference.command for difference in found}
    asks_winback = {
        "winback-permit",
        "winback-offer",
        "winback-connect",
        "winback-desk",
        "winback-brief",
    }
    assert asks_winback == {difference.section for difference in found}
    (permit,) = (difference for difference in found if difference.section == "winback-permit")
    assert [line for line in permit.lines if line[0] in "-+"][2:] == [
        f"-_wb-.  5 AGI(agi://127.0.0.1:4573/permit,{proof})",
        f"+_wb-.  5 AGI(agi://127.0.0.1:4574/permit,{proof})",
    ]


def test_what_other_people_run_beside_ours_is_no_difference() -> None:
    sections = rendered_sections(render(PLAN, AsteriskVersion.V22))

    def told(**headers: str) -> Frame:
        return Frame(tuple((name, value) for name, value in headers.items()))

    queues = [
        told(Event="QueueParams", Queue="theirs"),
        told(Event="QueueMember", Queue="theirs", Membership="static", Name="x"),
        told(Event="QueueMember", Queue="support", Membership="dynamic", Name="a2", Location="PJSIP/102"),
    ]
    assert running_queues(queues, rendered=sections[QUEUES]) == []
    assert running_agents([told(Event="Agents", Agent="x", Name="X")], rendered=sections[AGENTS]) == []
    included = told(Event="ListDialplan", Context="agents", IncludeContext="theirs")
    assert running_context([included]) == []
