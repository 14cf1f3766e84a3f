"""The insight network (Keras functional): a text branch and a behaviour branch, fused with attention, three heads.

Text: character vectors through convolutions of widths 2–4 with max pooling, and a pooled bag of character n-grams,
which learns most from few lines. Behaviour: a GRU over the features of the last customer turns. Attention
weighs the three views for each head by itself: sentiment is mostly said, frustration is mostly done.
"""

from dataclasses import asdict, dataclass

from analytics.features import FEATURE_NAMES, MAX_TURNS
from analytics.vocabulary import MAX_CHARACTERS, MAX_GRAMS, Vocabulary

SENTIMENTS = ("negative", "neutral", "positive")
EMOTIONS = ("angry", "anxious", "disappointed", "thankful", "neutral")


@dataclass(frozen=True)
class NetworkSizes:
    """The widths of the layers; part of the manifest."""

    character: int = 32
    filters: int = 32
    gram: int = 48
    behaviour: int = 16
    fused: int = 32
    dropout: float = 0.4

    def as_json(self) -> dict:
        """The sizes as plain JSON."""
        return asdict(self)


def build_network(vocabulary: Vocabulary, sizes: NetworkSizes, seed: int, *, unrolled: bool = False):
    """Return an untrained `tf.keras.Model` with outputs sentiment (n, 3), emotion (n, 5) and frustration (n, 1).

    Inputs: characters int32 (n, MAX_CHARACTERS), grams int32 (n, MAX_GRAMS) and behaviour float32
    (n, MAX_TURNS, features). `unrolled` writes the recurrence out step by step: faster to serve, slower to train,
    with the same weights.
    """
    import tensorflow as tf

    layers = tf.keras.layers
    seeds = iter(range(seed * 1000, seed * 1000 + 1000))

    def glorot():
        return tf.keras.initializers.GlorotUniform(next(seeds))

    def dense(units: int, name: str, activation: str | None = None):
        return layers.Dense(units, activation, kernel_initializer=glorot(), name=name)

    def dropout(rate: float, name: str):
        return layers.Dropout(rate, seed=next(seeds), name=name)

    def embedding(size: int, width: int, name: str):
        start = tf.keras.initializers.RandomUniform(-0.05, 0.05, next(seeds))
        return layers.Embedding(size, width, embeddings_initializer=start, name=name)

    characters = layers.Input((MAX_CHARACTERS,), dtype="int32", name="characters")
    grams = layers.Input((MAX_GRAMS,), dtype="int32", name="grams")
    behaviour = layers.Input((MAX_TURNS, len(FEATURE_NAMES)), dtype="float32", name="behaviour")

    vectors = embedding(len(vocabulary.characters) + 2, sizes.character, "character_vectors")(characters)
    vectors = layers.SpatialDropout1D(sizes.dropout / 2, seed=next(seeds), name="character_dropout")(vectors)
    pooled = []
    for width in (2, 3, 4):
        convolved = layers.Conv1D(
            sizes.filters, width, activation="relu", kernel_initializer=glorot(), name=f"convolution_{width}"
        )(vectors)
        pooled.append(layers.GlobalMaxPooling1D(name=f"pooling_{width}")(convolved))
    said = dropout(sizes.dropout, "said_dropout")(layers.Concatenate(name="said")(pooled))

    bag = embedding(len(vocabulary.grams) + 2, sizes.gram, "gram_vectors")(grams)
    held = layers.Lambda(lambda ids: tf.cast(ids > 0, tf.float32)[:, :, None], name="gram_mask")(grams)
    # Divided by the root of the count: a long message may weigh more than a short one, but not in proportion.
    bag = layers.Lambda(
        lambda pair: tf.reduce_sum(pair[0] * pair[1], axis=1) / tf.sqrt(tf.reduce_sum(pair[1], axis=1) + 1.0),
        name="bag",
    )([dropout(sizes.dropout / 2, "gram_dropout")(bag), held])
    bag = dropout(sizes.dropout, "bag_dropout")(bag)

    cell = layers.GRUCell(
        sizes.behaviour,
        kernel_initializer=glorot(),
        recurrent_initializer=tf.keras.initializers.Orthogonal(seed=next(seeds)),
    )
    done = layers.RNN(cell, unroll=unrolled, name="behaviour_gru")(behaviour)
    last = layers.Lambda(lambda rows: rows[:, -1, :], name="behaviour_last")(behaviour)
    done = dropout(sizes.dropout / 2, "done_dropout")(layers.Concatenate(name="done")([done, last]))

    views = [
        dense(sizes.fused, f"view_{name}", "tanh")(view)
        for name, view in (("said", said), ("bag", bag), ("done", done))
    ]
    stacked = layers.Lambda(lambda rows: tf.stack(rows, axis=1), name="views")(views)

    def attended(name: str):
        scores = dense(1, f"{name}_attention")(stacked)
        fused = layers.Lambda(
            lambda pair: tf.reduce_sum(tf.nn.softmax(pair[0], axis=1) * pair[1], axis=1), name=f"{name}_fused"
        )([scores, stacked])
        return dropout(sizes.dropout / 2, f"{name}_dropout")(fused)

    feeling = attended("feeling")
    return tf.keras.Model(
        [characters, grams, behaviour],
        {
            "sentiment": dense(len(SENTIMENTS), "sentiment", "softmax")(feeling),
            "emotion": dense(len(EMOTIONS), "emotion", "softmax")(feeling),
            "frustration": dense(1, "frustration", "sigmoid")(attended("frustration")),
        },
        name="insight",
    )
