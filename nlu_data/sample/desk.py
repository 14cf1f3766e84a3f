"""Plays one conversation between a customer and an agent from the material."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from nlu_data.sample.customers import Customer
from nlu_data.sample.deck import Deck
from nlu_data.sample.desk_clock import Pace
from nlu_data.sample.material import Topic, Voices
from nlu_data.sample.slots import Particulars
from nlu_data.sample.typing_habits import TypingHabits

#: The number of agents' manners in voices.yml (greet_0, wait_0 … for the first).
MANNERS = 3
_SATISFACTION = {
    # mood: weights of 1 to 5 stars
    "calm": (1, 1, 5, 33, 60),
    "impatient": (6, 14, 34, 32, 14),
    "angry": (58, 27, 11, 3, 1),
}
_RATED = 1 / 3


@dataclass
class PlayedConversation:
    """One conversation as it happened, nothing masked."""

    category: str
    customer: Customer
    messages: list[tuple[datetime, str, str]] = field(default_factory=list)
    satisfaction: int | None = None
    resolved: bool = True
    transferred: bool = False


class Desk:
    """Holds the decks, so that wordings are used up before they are repeated."""

    def __init__(self, topics: list[Topic], voices: Voices, random: Random) -> None:
        self._random = random
        self._topics = topics
        self._weights = [topic.weight for topic in topics]
        self._voices = {key: Deck(lines, random) for key, lines in voices.lines.items()}
        self._openings = {topic.name: Deck(topic.openings, random) for topic in topics}
        # The first answers are worded in the manners' order; further ones fit every manner.
        self._answers = {
            (topic.name, manner): Deck((topic.answers[manner], *topic.answers[MANNERS:]), random)
            for topic in topics
            for manner in range(MANNERS)
        }
        self._follow_ups = {topic.name: Deck(topic.follow_ups, random) for topic in topics if topic.follow_ups}
        self._asks = {follow: Deck(follow.ask, random) for topic in topics for follow in topic.follow_ups}
        self._round: list[Topic] = []

    def play(self, customer: Customer, start: datetime) -> PlayedConversation:
        """Return one conversation of `customer` that begins at `start`."""
        topic = self._next_topic()
        played = PlayedConversation(topic.category, customer)
        mood = self._mood(topic)
        scene = _Scene(self, played, customer, start, mood)
        scene.opening(topic)
        scene.answer(topic)
        for _ in range(self._random.choice((0, 1, 1, 2)) if topic.follow_ups else 0):
            scene.follow_up(topic)
        if mood == "angry":
            scene.anger()
        elif mood == "impatient":
            scene.impatience()
        elif self._random.random() < 0.22:
            scene.second_matter(self._neighbour(topic))
        scene.ending()
        if self._random.random() < _RATED:
            played.satisfaction = self._random.choices((1, 2, 3, 4, 5), _SATISFACTION[mood])[0]
        return played

    def _next_topic(self) -> Topic:
        # Every topic comes up in each round of the log; the weights only decide what comes up more often.
        if not self._round:
            extra = self._random.choices(self._topics, self._weights, k=len(self._topics))
            self._round = self._random.sample(self._topics + extra, 2 * len(self._topics))
        return self._round.pop()

    def _neighbour(self, topic: Topic) -> Topic:
        others = [other for other in self._topics if other.category == topic.category and other is not topic]
        return self._random.choice(others) if others else topic

    def _mood(self, topic: Topic) -> str:
        roll = self._random.random()
        if roll < topic.heat:
            return "angry"
        return "impatient" if roll < topic.heat + 0.15 else "calm"


class _Scene:
    """One conversation while it is being played."""

    def __init__(self, desk: Desk, played: PlayedConversation, customer: Customer, start: datetime, mood: str) -> None:
        self._desk = desk
        self._random = desk._random
        self._played = played
        self._mood = mood
        self._manner = self._random.randrange(MANNERS)
        self._habits = TypingHabits.draw(self._random)
        self._pace = Pace(start, self._random)
        self._particulars = Particulars(customer, start, self._random)
        self._used: set[str] = set()

    def _customer(self, text: str, *, framed: bool = False, upset: bool = False, whole: bool = False) -> None:
        upset = upset or self._mood == "angry"
        pieces = self._habits.typed(self._particulars.fill(text), self._random, upset=upset, framed=framed, whole=whole)
        for number, piece in enumerate(pieces):
            if not self._played.messages:
                at = self._pace.first()
            else:
                at = self._pace.piece() if number else self._pace.customer()
            self._played.messages.append((at, "customer", piece))

    def _agent(self, text: str) -> None:
        self._played.messages.append((self._pace.agent(), "agent", self._particulars.fill(text)))

    def _line(self, key: str) -> str:
        return self._desk._voices[key].deal()

    def _manner_line(self, key: str) -> str:
        return self._line(f"{key}_{self._manner}")

    def opening(self, topic: Topic) -> None:
        if self._random.random() < 0.3:
            self._customer(self._line("customer_hello"))
            self._agent(self._manner_line("greet"))
            self._customer(self._desk._openings[topic.name].deal(), framed=False)
        else:
            self._customer(self._desk._openings[topic.name].deal(), framed=True)
            if self._random.random() < 0.25:
                self._agent(self._manner_line("greet"))

    def answer(self, topic: Topic) -> None:
        if topic.needs is not None:
            self._agent(self._line(f"agent_asks_{topic.needs}"))
            self._customer(self._line(f"customer_gives_{topic.needs}"), whole=True)
        if self._random.random() < 0.5:
            self._agent(self._manner_line("wait"))
            if self._random.random() < 0.3:
                self._customer(self._line("customer_consents"))
        self._agent(self._desk._answers[topic.name, self._manner].deal())

    def follow_up(self, topic: Topic) -> None:
        follow = self._desk._follow_ups[topic.name].deal()
        if follow.ask[0] in self._used:
            return
        self._used.add(follow.ask[0])
        self._customer(self._desk._asks[follow].deal())
        self._agent(self._random.choice(follow.answers))

    def second_matter(self, topic: Topic) -> None:
        bridge = self._random.choice(("还有，", "另外，", "对了，", "再问一下，", "顺便问下，", "哦还有个事，"))
        self._customer(bridge + self._desk._openings[topic.name].deal())
        self._agent(self._desk._answers[topic.name, self._manner].deal())

    def impatience(self) -> None:
        self._customer(self._line("customer_impatient"), upset=True)
        self._agent(self._manner_line("soothe"))
        self._played.resolved = self._random.random() < 0.75

    def anger(self) -> None:
        rounds = self._random.randint(1, 3)
        kinds = self._random.sample(("customer_angry", "customer_sarcastic", "customer_insults", "repeat"), rounds)
        for kind in kinds:
            if kind == "repeat":
                said = max((text for _, sender, text in self._played.messages if sender == "customer"), key=len)
                self._customer(said, upset=True)
                self._customer(self._line("customer_repeats"), upset=True)
            else:
                self._customer(self._line(kind), upset=True)
            self._agent(self._manner_line("soothe"))
        self._played.resolved = self._random.random() < 0.25
        if self._random.random() < 0.7:
            self._customer(self._line("customer_demands_human"), upset=True)
            self._agent(self._line("agent_transfers"))
            self._played.transferred = True

    def ending(self) -> None:
        if self._played.transferred:
            if self._random.random() < 0.4:
                self._customer(self._line("customer_last_word"), upset=True)
            return
        if self._mood == "angry":
            self._customer(self._line("customer_last_word"), upset=True)
            return
        if self._played.resolved and self._random.random() < 0.06:
            # Some simply go away; the desk counts that as not solved.
            self._played.resolved = False
            self._agent(self._manner_line("offer"))
            return
        if self._random.random() < 0.6:
            self._agent(self._manner_line("offer"))
        self._customer(self._line("customer_thanks" if self._played.resolved else "customer_resigned"))
        self._agent(self._manner_line("bye"))
