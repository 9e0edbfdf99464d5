"""The same photos, model, codes and engine on many machines, by Ray.

    SOURCE… ─ sources ─→ indexing: decode (a process a core) → encode (a model an actor) ─→ shards in a store
                                                                                              │
    photo ─ client: decode, encode ─→ serving: coordinator ─→ searchers: the engine on their shards
    window ─ archive: decode, encode ─ messenger, a process of its own ─↗

A **store** is a folder or a bucket (`store`): a manifest, the model, and shards that are never changed once
they are written. A shard is a code file as the desktop has one, and a table of its photos. A photo is in the
store when the manifest names a shard that holds it, so an index run that is killed has lost what no manifest
names yet, and nothing is there twice.

The number of a photo is its position in the store, counted over all shards in the order of the manifest:
what is first among equal scores is the same however many machines answer.

`store`, `sources` and `photos` know nothing of Ray, nor what `archive` loads where a window is; `connection`
alone starts or finds it.
"""
