"""What every finding says, and what to do about it; pages have the same keys in each language.

Placeholders: ``n`` is the finding's count, ``scenario`` its scenario, the others are its values.
See :class:`crossrec.data.wording.Amount` for numbers with their nouns.
"""

from collections.abc import Mapping

WITHHELD = "Numbers are withheld here: they would tell of a group of fewer than {n} users"
"""In place of a sentence with figures of so few users."""

_NEEDED = "a verdict on transfer needs at least {needed} with held-out rows"
_MORE_USERS = "Add more users; a run trains all the same, and its lists can be used"
_NO_TEXT = "{n} of {items:item} of {scenario} {n:~has|have} neither title nor text"
_MISSING = "Fill these columns or remove them; they are not used as they are"
_PLACEHOLDER = "Nothing to do, unless the word is the id of one {noun}: rename it then"
_DAMAGED = (
    "Export the data again with ids as text: a spreadsheet keeps 15 digits of a number, and a"
    " floating-point column 15 to 17"
)
_LOST_ZEROS = "Export that file again with ids as text; ids are not joined by guessing"
_SCALES = "Bring the ratings to one scale, or say from which rating on people like an item"
_DISLIKES = (
    "Nothing to do if that is right: they are never hits, and push similar items down; else say"
    " what their values mean, or from which rating on people like an item"
)
_PERIOD = "Give logs that cover the same period, or split by order instead of by time"
_SCRIPT = (
    "Read the items with a multilingual model, as the automatic choice does: a model of a single"
    " language sees no relation across scripts"
)
_SHIFT = "Check whether one file counts from 0 and the other from 1: titles may be off by one item"

SENTENCES: Mapping[str, tuple[str, str]] = {
    # the rows
    "rejected_rows": (
        "{n} of {total:row} of {in_table} could not be used",
        "Correct these rows in the file, or go on without them",
    ),
    "skipped_files": (
        "{n} of {total:file or sheet|files and sheets} {n:~was|were} left out",
        "Nothing to do for leaflets or further tables; else save them as CSV and name their"
        " columns",
    ),
    "duplicates": (
        "{n:exact copy|exact copies} of earlier rows {n:~was|were} dropped",
        "Nothing to do, unless each of them was meant to count",
    ),
    "repeats": (
        "{n:row} of {scenario} ({share:.1%}) {n:~repeats|repeat} a user and item at another time or"
        " with another event; {later:.1%} of later rows repeat an item the user had before: lists"
        " leave seen items out",
        "Nothing to do: repeats add strength, and lists are judged without and with them; lists may"
        " include seen items from {limit:.0%} on; a run may be told otherwise",
    ),
    "repeats.include": (
        "{n:row} of {scenario} ({share:.1%}) {n:~repeats|repeat} a user and item at another time or"
        " with another event; {later:.1%} of later rows repeat an item the user had before: lists"
        " may include seen items",
        "Nothing to do: repeats add strength, and lists are judged without and with them; lists"
        " leave seen items out below {limit:.0%}; a run may be told otherwise",
    ),
    "sparse": (
        "In {scenario} the median user has {history:row}, and {n} of {items:item} {n:~has|have}"
        " fewer than {needed}",
        "Expect wide intervals and let texts help, or add more of the log",
    ),
    "sparse.small": (
        "{scenario} has only {users:user} and {items:item}",
        "Add rows: at least {needed} users and {needed_items} items are needed",
    ),
    "few_users": (
        "Nothing could be judged in {scenario}: it has {n:user}, and " + _NEEDED,
        _MORE_USERS,
    ),
    "few_users.all": (
        "Nothing could be judged: no scenario has more than {n:user}, and " + _NEEDED,
        _MORE_USERS,
    ),
    "saturated": (
        "In {scenario} {share:.0%} of all user-item pairs are filled: nearly everybody has nearly"
        " everything",
        "Keep only the rows that say yes (a rating of 4 or more, say); else only the few items that"
        " a user does not have yet are left to judge by",
    ),
    "bots": (
        "{n:user has|users have} far more rows than the others, or more in a day than a person"
        " makes: {rows:row}, {share:.1%} of all",
        "Look at them; leave them out with the cleaning step for outliers if they are machines,"
        " test accounts or resellers",
    ),
    # scenarios together
    "overlap.one_scenario": (
        "The log has only {n:scenario}; transfer needs two",
        "Name the column that tells the scenarios apart, or add the log of another scenario",
    ),
    "overlap.nothing": (
        "No user of {scenario} has rows in another scenario, and there is no item text",
        "Add item titles or texts, or use the same user ids in all scenarios",
    ),
    "overlap.text_only": (
        "No user of {scenario} has rows in another scenario; only text can transfer",
        "Expect help from item texts only, or use the same user ids in all scenarios",
    ),
    "overlap.items_only": (
        "No user of {scenario} has rows in another scenario, and there is no item text; only"
        " {items:shared item} can transfer",
        "Expect help from shared items only, or use the same user ids in all scenarios",
    ),
    "overlap.few": (
        "{scenario} shares only {n} of its {users:user} with other scenarios",
        "Trust item texts more than shared users here, and look at the intervals",
    ),
    "many_scenarios": (
        "The log has {n:scenario}",
        "Check that the scenario column is the right one, or join small scenarios into groups",
    ),
    "shared_items": (
        "{n:item id has|item ids have} rows in two scenarios or more",
        "Nothing to do if one id is one product everywhere; if each scenario numbers its own items,"
        " put the scenario before the id",
    ),
    "id_collision": (
        "In {scenarios:scenario} the {noun} ids simply count up from the start, each to a different"
        " end: {n:id} may mean different {noun}s",
        "If every scenario numbers its own {noun}s, put the scenario before the id; else nothing to"
        " do",
    ),
    "nested_behaviour": (
        "{share:.0%} of the user-item pairs of {scenario} are in {outer} too: its rows give the"
        " answer away",
        "Do not count transfer from {outer} to {scenario} as help, or use one of the two; a run"
        " hides the rows that give a held-out row away",
    ),
    "twins": (
        "{n:item} of {scenario} {n:~has|have} a twin in another scenario: {by_users} with nearly"
        " the same users, {by_title} with the same title",
        "If they are the same product, give them one id; a run hides the twins of a held-out row,"
        " else the other scenario gives the answer away",
    ),
    "train_test_leak": (
        "{n} of {rows:test row} {n:~has its|have their} user and item, or its twin, among the"
        " training rows",
        "Take these rows out of the training rows, or let CrossRec split the log itself",
    ),
    "train_test_leak.copies": (
        "{n:user has|users have} nearly the same items as another user: what is held out for one is"
        " among the training rows of the other",
        "Check whether one person has two ids, or rows were copied; give them one id or leave one"
        " out",
    ),
    # what rows say
    "unknown_signals": (
        "{n:row has|rows have} a value of unknown meaning in {columns}; each counts as an"
        " interaction unless another column speaks against it",
        "Say for each value whether it is positive, an exposure (only shown) or negative",
    ),
    "binary_columns": (
        "Columns that may say what happened and are not used: {columns}",
        "Nothing to do unless one of them says whether the person did anything: then say what its"
        " values mean",
    ),
    "exposures": (
        "{n:row says|rows say} only that an item was shown",
        "Nothing to do if that is right: they are kept apart and never count as interactions; else"
        " say what their values mean",
    ),
    "dislikes": ("{n:row speaks|rows speak} against an item", _DISLIKES),
    "dislikes.values": ("{n:row speaks|rows speak} against an item ({reasons})", _DISLIKES),
    "dislikes.ratings": (
        "{n:row speaks|rows speak} against an item (ratings below {below})",
        _DISLIKES,
    ),
    "dislikes.both": (
        "{n:row speaks|rows speak} against an item ({reasons}; ratings below {below})",
        _DISLIKES,
    ),
    "mixed_scales": (
        "Ratings are on different scales; each scenario is read on its own",
        _SCALES,
    ),
    "mixed_scales.one_column": (
        "One column of ratings seems to hold two scales; no rating is taken as a dislike",
        _SCALES,
    ),
    "rating_outliers": (
        "{n:rating is|ratings are} beyond the scale of the others; {n:~its row is|their rows are}"
        " rejected",
        "Correct them in the file; a 0 or -1 that means “not rated” may be left empty",
    ),
    # time
    "no_time": (
        "The log has no time, so the test rows are drawn at random",
        "Name a time column if there is one; without it results look better than they are",
    ),
    "time_order.positions": (
        "The time column holds positions in each user's history, not clock times",
        "Give real times if you have them: then nobody's row after the split time is seen in"
        " training",
    ),
    "time_order.disorder": (
        "{n:row comes|rows come} after a later row of the same user",
        "Nothing to do: the time column decides, not the order of the rows",
    ),
    "early_times": (
        "{n:row is|rows are} dated before 1972",
        "Check the time column: such dates come from a wrong unit, or from rows without a time",
    ),
    "future_times": (
        "{n:row is|rows are} dated in the future",
        "Check these rows: the split by time takes them for the newest, and judges by them",
    ),
    "mixed_times": (
        "{n:row is|rows are} in files whose times are written in several ways; each value was read"
        " by its own form",
        "Look at how each file was read, and compare a few rows with their source",
    ),
    "time_gaps": (
        "There is a gap of {n:day} without a row",
        "Check whether rows are missing, or some times have another unit",
    ),
    "coarse_time": (
        "{n:row has|rows have} the same time as another row of the same user",
        "Use a finer time column if there is one; the order inside such a group is unknown",
    ),
    "time_coverage.ends": (
        "{scenario} ends before {date}, where the last fifth of all rows begins: there is nothing"
        " to judge it by",
        _PERIOD,
    ),
    "time_coverage.begins": (
        "{scenario} begins only on {date} or later, where the last fifth of all rows begins:"
        " nothing of it can be learnt from",
        _PERIOD,
    ),
    # ids and names
    "placeholder_ids": (
        "{n:row} of {in_table} ({share:.1%}) {n:~has|have} a placeholder such as “{example}”"
        " in place of the {noun}; {n:~it was|they were} left out",
        _PLACEHOLDER,
    ),
    "placeholder_ids.unnamed": (
        "{n:row} of {in_table} ({share:.1%}) {n:~has|have} a placeholder in place of the {noun};"
        " {n:~it was|they were} left out",
        _PLACEHOLDER,
    ),
    "damaged_ids": (
        "{n:id} of {noun}s in {in_table} lost digits before the file was written, such as"
        " “{example}”: one such id may stand for several {noun}s ({share:.1%} of the rows)",
        _DAMAGED,
    ),
    "damaged_ids.unnamed": (
        "{n:id} of {noun}s in {in_table} lost digits before the file was written: one such id may"
        " stand for several {noun}s ({share:.1%} of the rows)",
        _DAMAGED,
    ),
    "lost_zeros": (
        "{n:id} of {noun}s in the log would be in {in_table} if leading zeros did not count: one of"
        " the two files lost them",
        _LOST_ZEROS,
    ),
    "lost_zeros.log": (
        "{n:id} of {noun}s in the log would be the same as another one there if leading zeros did"
        " not count: one of its files lost them",
        _LOST_ZEROS,
    ),
    "separate_items": (
        "Item columns have {n:different name} ({columns}) and share ids: each id got the name of"
        " its column as a prefix, because they are different things",
        "Nothing to do if they are different things; else give the columns one name",
    ),
    "two_titles": (
        "{n:item id has|item ids have} different titles in {in_table}; the first title is used",
        "If these are different items, give each an id of its own, in the log too",
    ),
    "renamed_scenarios": ("{n:scenario was|scenarios were} renamed, as you said", "Nothing to do"),
    "merged_names": (
        "{n:spelling} of {noun} names {n:~differs|differ} from another one only in case, spaces or"
        " dashes: they were read as one name",
        "Nothing to do if they are the same; else rename them in the file",
    ),
    # items and users
    "no_text.no_catalogue": (
        "There is no catalogue: nothing is known about the items but their ids",
        "Add a file with item_id and title; texts carry knowledge to new items",
    ),
    "no_text": (
        _NO_TEXT,
        "Add the missing titles; without one an item is known by its history only",
    ),
    "no_text.most": (
        _NO_TEXT,
        "Add titles: text is what carries knowledge to items nobody has used yet",
    ),
    "not_in_catalog": (
        "{n} of {items:item} of {scenario} {n:~is|are} not in the catalogue",
        "Check that both files use the same item ids, or add the missing items",
    ),
    "id_shift.higher": (
        "{missing:item id} of the log {missing:~is|are} not in the catalogue, but only {left} would"
        " be missing if every id were one higher",
        _SHIFT,
    ),
    "id_shift.lower": (
        "{missing:item id} of the log {missing:~is|are} not in the catalogue, but only {left} would"
        " be missing if every id were one lower",
        _SHIFT,
    ),
    "same_text": (
        "{n:item shares its|items share their} title and text with at least {others} others",
        "Add a text that tells them apart, or give variants of one product one id",
    ),
    "cold_items": (
        "{n} of {listed:item} listed in {scenario} {n:~has|have} no interactions; {with_text} of"
        " them {with_text:~has|have} a text",
        "Nothing to do where there is a text: it ranks them; add titles to the others, or they can"
        " never be recommended",
    ),
    "language_mix": (
        "{n} of {texts:item text} {n:~is|are} not in {script} script",
        _SCRIPT,
    ),
    "language_mix.apart": (
        "{n} of {texts:item text} {n:~is|are} not in {script} script, and scenarios differ in their"
        " main script",
        _SCRIPT,
    ),
    "missing.empty": ("{n:column} of {in_table} {n:~has|have} no value at all", _MISSING),
    "missing.mostly": ("{n:column} of {in_table} {n:~is|are} mostly empty", _MISSING),
    "no_profile": (
        "{n} of {users:user} of the log {n:~has|have} no profile",
        "Nothing to do: they are served without one",
    ),
    "personal_data": (
        "{n:column looks|columns look} like personal data: {columns}",
        "Import with pseudonymised user ids, and drop or band the other columns before results are"
        " shown to others",
    ),
}
"""Key -> what was found, what to do; a rule alone, or a rule and its variant after a point."""

PAIR: Mapping[str, str] = {
    "cannot": "cannot transfer to {target}: {why}",
    "barely": "can barely transfer to {target}: only {why}",
    "can": "can transfer to {target} by {why}",
    "blocked_end": "one of the two is blocked",
    "nothing": "no common users or items, and no text on both sides",
    "users": "{n:shared user}",
    "users_withheld": "shared users (number withheld)",
    "items": "{n:shared item}",
    "text": "text",
    "text_only": "text only",
}
"""How knowledge moves from one scenario to another."""
