"""Queues and their members: who waits, who is free, who is bridged with whom."""

from collections.abc import Callable

from telephony.asterisk.config.names import USUAL
from telephony.simulator.behaviour import Reach
from telephony.simulator.channels import RING, RINGING, UP, Channel
from telephony.simulator.effects import Pairs
from telephony.simulator.kernel import SWITCHING_S, Kernel
from telephony.simulator.queue_entry import NOT_IN_USE, Member, QueueGuest

IN_USE, UNAVAILABLE, IS_RINGING = 2, 5, 6
NORMAL_CLEARING = 16
# app_queue's shortest pause before the same queue is tried again
RETRY_S = 1.0


class QueueSystem:
    """All queues of the PBX."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        behaviour = kernel.behaviour
        self.queues: dict[str, list[QueueGuest]] = {
            queue: []
            for queue in (
                behaviour.inbound_queue,
                *behaviour.outbound_queues,
                *behaviour.team_queues,
                *(USUAL.own_queue(agent.id) for agent in behaviour.agents if behaviour.own_queues),
                *behaviour.elsewhere,
            )
        }
        people = (*behaviour.agents, *behaviour.strangers)
        self.members = {agent.id: Member(agent=agent) for agent in people}
        self._hold_bridge = ""

    def open(self) -> None:
        """As after a boot: static members unpaused, no standing connection up, nobody added."""
        self._hold_bridge = self.kernel.bridge_id()
        for waiting in self.queues.values():
            waiting.clear()
        for member in self.members.values():
            standing = member.agent.reach is Reach.STANDING
            member.paused = dict.fromkeys(self.queues_of(member)) if standing else {}
            member.paused |= dict.fromkeys(self._elsewhere(member))
            member.guest, member.ring, member.headset, member.resting = None, None, None, False
            member.leaving = False
            member.status = self._at_rest(member)

    def begin_day(self) -> None:
        """Everybody with a standing connection has set it up already."""
        for member in self.members.values():
            if member.agent.reach is Reach.STANDING:
                member.headset = self._headset(member.agent.id)
                member.status = NOT_IN_USE

    def queues_of(self, member: Member) -> tuple[str, ...]:
        """Every queue of Winback's that this agent may be a member of: all but the others' own."""
        if member.agent in self.kernel.behaviour.strangers:
            return ()
        others = {USUAL.own_queue(agent) for agent in self.members} - {USUAL.own_queue(member.agent.id)}
        others |= self.kernel.behaviour.elsewhere.keys()
        teams = self.kernel.behaviour.team_queues.items()
        others |= {queue for queue, agents in teams if member.agent.id not in agents}
        return tuple(queue for queue in self.queues if queue not in others)

    def _elsewhere(self, member: Member) -> tuple[str, ...]:
        found = self.kernel.behaviour.elsewhere.items()
        return tuple(queue for queue, members in found if member.agent.id in members)

    def _name(self, member: Member, queue: str) -> str:
        return self.kernel.behaviour.elsewhere.get(queue, {}).get(member.agent.id, member.agent.id)

    def _headset(self, agent: str) -> Channel:
        uid = self.kernel.unique_id()
        headset = self.kernel.open(
            Channel(
                name=f"PJSIP/{agent}-{self.kernel.name_serial()}", unique_id=uid, linked_id=uid,
                since=self.kernel.now, state=UP, context="winback-agent-codes", application="AgentLogin",
                application_data=agent,
            )
        )  # fmt: skip
        self.kernel.emit("AgentLogin", headset.pairs(), (("Agent", agent),))
        self.kernel.join(headset, self._hold_bridge)
        return headset

    def log_in(self, member: Member) -> None:
        """A standing connection comes up, and a pause ends; nothing happens when it is up."""
        if member.headset is None and member.agent.reach is Reach.STANDING:
            member.headset = self._headset(member.agent.id)
            self.pause(member, self.queues_of(member), None)
            self._becomes(member, NOT_IN_USE)
            self.match()

    def add(self, member: Member, queue: str, *, paused: bool) -> bool:
        """Make an agent with a ringing phone a member; False where it is one already."""
        if queue in member.paused:
            return False
        member.paused[queue] = "" if paused else None
        self.kernel.emit("QueueMemberAdded", self.member_pairs(member, queue))
        self.match()
        return True

    def _is_written(self, member: Member, queue: str) -> bool:
        return member.agent.reach is Reach.STANDING or queue in self.kernel.behaviour.elsewhere

    def remove(self, member: Member, queue: str) -> bool:
        """End a membership; a talk goes on. False where there is none."""
        if queue not in member.paused:
            return False
        pairs = self.member_pairs(member, queue)
        del member.paused[queue]
        self.kernel.emit("QueueMemberRemoved", pairs)
        return True

    def log_off_softly(self, member: Member) -> None:
        """End a standing connection as soon as nobody is being talked with."""
        if member.guest is None:
            self.log_off(member)
        else:
            member.leaving = True

    def log_off(self, member: Member) -> None:
        """The headset is hung up; a talk it was in ends with it."""
        headset, member.headset = member.headset, None
        member.leaving = False
        if headset is None:
            return
        kernel = self.kernel
        kernel.part(headset)
        login_s = int(kernel.now - headset.since)
        kernel.emit("AgentLogoff", headset.pairs(), (("Agent", member.agent.id), ("Logintime", str(login_s))))
        kernel.close(headset, NORMAL_CLEARING)
        guest = member.guest
        if guest is not None and guest.connected_at is not None:
            guest.on_agent_gone()
        elif guest is not None:
            self._stop_ringing(member, "NOANSWER")
        self._becomes(member, UNAVAILABLE)
        self.match()

    def by_interface(self, interface: str) -> Member | None:
        """The member with this interface."""
        for member in self.members.values():
            if member.agent.interface == interface:
                return member
        return None

    # -- members

    def member_pairs(self, member: Member, queue: str) -> Pairs:
        """What QueueMemberStatus and its kin say of a member."""
        reason = member.paused[queue]
        return (
            ("Queue", queue),
            ("MemberName", self._name(member, queue)),
            ("Interface", member.agent.interface),
            ("StateInterface", member.agent.state_interface),
            ("Membership", "static" if self._is_written(member, queue) else "dynamic"),
            ("Penalty", "0"),
            ("CallsTaken", str(member.calls_taken)),
            ("LastCall", str(int(member.last_call))),
            ("LastPause", "0"),
            ("LoginTime", str(int(self.kernel.booted_at))),
            ("InCall", "0"),
            ("Status", str(member.status)),
            ("Paused", "0" if reason is None else "1"),
            ("PausedReason", reason or ""),
            ("Ringinuse", "0"),
            ("Wrapuptime", "0"),
        )

    def pause(self, member: Member, queues: tuple[str, ...], reason: str | None) -> None:
        """Pause (with a reason) or resume (None), announced for each queue that it is a member of."""
        for queue in queues:
            if queue not in member.paused:
                continue
            member.paused[queue] = reason
            self.kernel.emit("QueueMemberPause", self.member_pairs(member, queue))
        if reason is None:
            self.match()

    def reload(self) -> None:
        """A changed queue file is read: pauses stay, their reasons are gone, and nobody is told."""
        for member in self.members.values():
            if member.agent.reach is Reach.STANDING:
                member.paused = {queue: None if why is None else "" for queue, why in member.paused.items()}

    @staticmethod
    def _at_rest(member: Member) -> int:
        logged_off = member.headset is None and member.agent.reach is Reach.STANDING
        return UNAVAILABLE if logged_off else NOT_IN_USE

    def _becomes(self, member: Member, status: int) -> None:
        if member.status == status:
            return
        member.status = status
        for queue in reversed(member.paused):
            self.kernel.emit("QueueMemberStatus", self.member_pairs(member, queue))

    # -- guests

    def join(self, guest: QueueGuest, queue: str, *, position: int | None = None) -> None:
        """Into the queue: at the end, or at a kept position."""
        waiting = self.queues[queue]
        index = len(waiting) if position is None else max(0, min(position - 1, len(waiting)))
        waiting.insert(index, guest)
        guest.queue, guest.joined_at = queue, self.kernel.now
        guest.original_position = index + 1
        guest.channel.application = "Queue"
        self.kernel.emit(
            "QueueCallerJoin",
            guest.channel.pairs(),
            (("Queue", queue), ("Position", str(index + 1)), ("Count", str(len(waiting)))),
        )
        self.match()

    def position(self, guest: QueueGuest) -> int:
        """The guest's place in the queue, 1 is first; 0 when not waiting."""
        waiting = self.queues.get(guest.queue, [])
        return waiting.index(guest) + 1 if guest in waiting else 0

    def leave(self, guest: QueueGuest, *, abandoned: bool) -> None:
        """Out of the queue without an agent."""
        index = self.position(guest)
        if not index:
            return
        member = guest.member
        if member is not None:
            self._stop_ringing(member, "CANCEL")
        if abandoned:
            hold = int(self.kernel.now - guest.joined_at)
            self.kernel.emit(
                "QueueCallerAbandon",
                guest.channel.pairs(),
                (("Queue", guest.queue), ("Position", str(index)),
                 ("OriginalPosition", str(guest.original_position)), ("HoldTime", str(hold))),
            )  # fmt: skip
        self._caller_leaves(guest)

    def _caller_leaves(self, guest: QueueGuest) -> None:
        waiting = self.queues[guest.queue]
        index = self.position(guest)
        waiting.remove(guest)
        self.kernel.emit(
            "QueueCallerLeave",
            guest.channel.pairs(),
            (("Queue", guest.queue), ("Position", str(index)), ("Count", str(len(waiting)))),
        )

    # -- bringing both together

    def match(self) -> None:
        """Give every free agent the first guest they may take."""
        for queue, waiting in self.queues.items():
            for guest in list(waiting):
                if guest.member is not None:
                    continue
                member = self._free_member(queue)
                if member is None:
                    break
                self._call(member, guest)

    def _free_member(self, queue: str) -> Member | None:
        free = [
            member
            for member in self.members.values()
            if member.status == NOT_IN_USE
            and member.guest is None
            and not member.resting
            and queue in member.paused
            and member.paused[queue] is None
        ]
        return min(free, key=lambda member: member.last_call, default=None)

    def ring_first(
        self,
        member: Member,
        guest: QueueGuest,
        source: Channel,
        *,
        answered: Callable[[], None],
        missed: Callable[[], None],
    ) -> None:
        """Ring an agent by their own telephone, through no queue; `source` is the channel that dials."""
        kernel = self.kernel
        self._open_legs(member, guest)
        kernel.dial_begin(source, guest.agent_legs[0], member.agent.interface)
        kernel.become(guest.agent_legs[0], RINGING)
        self._becomes(member, IN_USE if member.agent.reach is Reach.STANDING else IS_RINGING)

        def picks_up() -> None:
            self._pick_up(member, guest, source)
            member.ring = None
            answered()

        def gives_up() -> None:
            kernel.dial_end(source, guest.agent_legs[0], "NOANSWER")
            missed()

        answers_s, limit_s = self._answers_s(member), kernel.scaled(kernel.behaviour.agent_ring_limit_s)
        in_time = answers_s < limit_s
        member.ring = kernel.timeline.after(min(answers_s, limit_s), picks_up if in_time else gives_up)

    def release(self, member: Member) -> None:
        """An agent who was rung first is free again."""
        if member.guest is not None:
            member.guest.picked_up = True  # how the dialling ended is told already
            self._stop_ringing(member, "")
            self.match()

    def _answers_s(self, member: Member) -> float:
        return {
            Reach.STANDING: SWITCHING_S,
            Reach.PHONE: self.kernel.scaled(self.kernel.behaviour.agent_answers_after_s),
            Reach.DEAF: float("inf"),
        }[member.agent.reach]

    def _open_legs(self, member: Member, guest: QueueGuest) -> None:
        kernel = self.kernel
        member.guest, guest.member = guest, member
        linked = guest.channel.linked_id
        serial = kernel.name_serial()
        standing = member.agent.reach is Reach.STANDING
        name = (
            f"Local/{member.agent.id}@winback-agents-{serial}"
            if standing
            else f"PJSIP/{member.agent.id}-{serial}"
        )
        legs = [
            kernel.open(
                Channel(
                    name=name + (";1" if standing else ""), unique_id=kernel.unique_id(), linked_id=linked,
                    since=kernel.now, context="winback-agents", exten=member.agent.id, application="AppQueue",
                )
            )
        ]  # fmt: skip
        if standing:
            legs.append(
                kernel.open(
                    Channel(
                        name=name + ";2", unique_id=kernel.unique_id(), linked_id=linked, since=kernel.now,
                        state=RING, context="winback-agents", exten=member.agent.id,
                        application="AgentRequest",
                    )
                )
            )  # fmt: skip
        guest.agent_legs = tuple(legs)

    def _call(self, member: Member, guest: QueueGuest) -> None:
        kernel, standing = self.kernel, member.agent.reach is Reach.STANDING
        self._open_legs(member, guest)
        legs = guest.agent_legs
        kernel.emit(
            "AgentCalled",
            guest.channel.pairs(),
            legs[0].pairs("Dest"),
            (
                ("Queue", guest.queue),
                ("Interface", member.agent.interface),
                ("MemberName", self._name(member, guest.queue)),
            ),
        )
        kernel.dial_begin(guest.channel, legs[0], member.agent.interface)
        kernel.become(legs[0], RINGING)
        self._becomes(member, IN_USE if standing else IS_RINGING)
        answers_s = self._answers_s(member)
        limit_s = kernel.scaled(kernel.behaviour.agent_ring_limit_s)
        if answers_s < limit_s:
            member.ring = kernel.timeline.after(answers_s, lambda: self._connect(member, guest))
        else:
            member.ring = kernel.timeline.after(limit_s, lambda: self._not_answered(member, guest))

    def _connect(self, member: Member, guest: QueueGuest) -> None:
        """The agent picks up, and hears what call this is before the bridge."""
        self._pick_up(member, guest, guest.channel)
        kernel = self.kernel
        if guest.whisper_s > 0:
            whisper_s = kernel.scaled(guest.whisper_s)
            member.ring = kernel.timeline.after(whisper_s, lambda: self._bridge(member, guest))
        else:
            self._bridge(member, guest)

    def _pick_up(self, member: Member, guest: QueueGuest, source: Channel) -> None:
        kernel = self.kernel
        guest.picked_up = True
        first = guest.agent_legs[0]
        if len(guest.agent_legs) > 1 and member.headset is not None:
            far = guest.agent_legs[1]
            inner = kernel.bridge_id()
            kernel.join(far, inner)
            kernel.part(member.headset)
            kernel.join(member.headset, inner)
            kernel.become(far, UP)
        kernel.become(first, UP)
        kernel.dial_end(source, first, "ANSWER")
        self._becomes(member, IN_USE)

    def _bridge(self, member: Member, guest: QueueGuest) -> None:
        kernel, now = self.kernel, self.kernel.now
        member.ring = None
        if guest.gone:
            guest.hang_up("customer")
            return
        first = guest.agent_legs[0]
        self._caller_leaves(guest)
        guest.connected_at = now
        kernel.emit(
            "AgentConnect",
            guest.channel.pairs(),
            first.pairs("Dest"),
            (("Queue", guest.queue), ("Interface", member.agent.interface),
             ("MemberName", self._name(member, guest.queue)),
             ("RingTime", "0"), ("HoldTime", str(int(now - guest.joined_at)))),
        )  # fmt: skip
        bridge = kernel.bridge_id()
        kernel.join(first, bridge)
        kernel.join(guest.channel, bridge)
        guest.on_connected(member.agent.id)

    def _not_answered(self, member: Member, guest: QueueGuest) -> None:
        ring_ms = int(self.kernel.scaled(self.kernel.behaviour.agent_ring_limit_s) * 1000)
        self.kernel.emit(
            "AgentRingNoAnswer",
            guest.channel.pairs(),
            guest.agent_legs[0].pairs("Dest"),
            (("Queue", guest.queue), ("Interface", member.agent.interface),
             ("MemberName", self._name(member, guest.queue)),
             ("RingTime", str(ring_ms))),
        )  # fmt: skip
        self._stop_ringing(member, "NOANSWER")
        member.resting = True

        def rested() -> None:
            member.resting = False
            self.match()

        self.kernel.timeline.after(self.kernel.scaled(RETRY_S), rested)

    def _stop_ringing(self, member: Member, status: str) -> None:
        guest = member.guest
        if guest is None:
            return
        if member.ring is not None:
            member.ring.cancel()
        if not guest.picked_up:
            self.kernel.dial_end(guest.channel, guest.agent_legs[0], status)
        for leg in guest.agent_legs:
            self.kernel.part(leg)
            self.kernel.close(leg, 0)
        if guest.picked_up and member.headset is not None:
            self.kernel.part(member.headset)
            self.kernel.join(member.headset, self._hold_bridge)
        guest.picked_up = False
        member.guest, member.ring = None, None
        guest.member, guest.agent_legs = None, ()
        self._becomes(member, self._at_rest(member))
        if member.leaving:
            self.log_off(member)

    def complete(self, guest: QueueGuest, reason: str) -> None:
        """The end of a talk: the agent's legs go, the agent is free again."""
        member = guest.member
        if member is None or guest.connected_at is None:
            return
        kernel = self.kernel
        talk_s = kernel.now - guest.connected_at
        record = kernel.truth.agent(member.agent.id)
        record.calls += 1
        record.talk_s += talk_s
        kernel.emit(
            "AgentComplete",
            guest.channel.pairs(),
            guest.agent_legs[0].pairs("Dest"),
            (("Queue", guest.queue), ("Interface", member.agent.interface),
             ("MemberName", self._name(member, guest.queue)),
             ("HoldTime", str(int(guest.connected_at - guest.joined_at))),
             ("TalkTime", str(int(talk_s))), ("Reason", reason)),
        )  # fmt: skip
        for leg in guest.agent_legs:
            kernel.part(leg)
            kernel.close(leg, NORMAL_CLEARING)
        if member.headset is not None:
            kernel.part(member.headset)
            kernel.join(member.headset, self._hold_bridge)
        member.calls_taken += 1
        member.last_call = kernel.unix_now
        member.guest, guest.member, guest.agent_legs = None, None, ()
        self._becomes(member, self._at_rest(member))
        if member.leaving:
            self.log_off(member)
        kernel.timeline.after(SWITCHING_S, self.match)
