"""Area codes of the US and Canada in service or assigned, and which one overlays which.

The `phonenumbers` library learns of a new area code months after people have numbers in it, and guesses one time zone
for an overlay. So this table stands beside it: a number is known here when either knows its area code.

Source: the codes that `phonenumbers` 9.0.43 knows, and newer ones and overlays from public lists that quote the North
American Numbering Plan Administrator, put together on the day `CHECKED`. Nobody has compared it with the reports
themselves yet; a few of the newest codes may be assigned and not in service, which harms nobody.

To renew it: compare the lines below with the reports of that administrator (nanpa.com, NPA reports: `npa_report.csv`
has IN_SERVICE and OVERLAY_COMPLEX) and of the Canadian one (cnac.ca, area codes), add what is new, set `CHECKED` to the
day, and run tests/rules/test_area_codes.py. `make check` says when a year has passed. The portal works on: it
reads a number whose area code stands in no list, and warns about it.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

CHECKED = date(2026, 11, 28)
RENEW_AFTER = timedelta(days=365)

# One area a piece. Codes before ">" have their exchanges told apart by the library; those behind it serve the same
# places, all of them.
_CANADA = """
403 780 > 587 825 368, 604 250 > 778 236 672 257, 204 > 431 584, 306 > 639 474, 506 > 428, 709 > 879, 902 > 782,
416 > 437 647 942, 905 > 289 365 742, 519 > 226 548 382, 613 > 343 753, 705 > 249 683, 807, 867,
418 > 581 367 273, 450 > 579 354, 514 > 438 263, 819 > 873 468
"""
_US = """
205 > 659, 251, 256 > 938, 334 > 483, 907, 480 602 623, 520, 928, 479, 501, 870 > 327,
209 > 350, 213 323 > 738, 310 > 424, 408 > 669, 415 > 628, 510 > 341, 530 > 837, 559 > 357, 562, 619 858, 626, 650,
661, 707 > 369, 714 > 657, 760 > 442, 805 > 820, 818 > 747, 831, 909 > 840, 916 > 279, 925, 949, 951,
303 > 720 983, 719, 970 > 748, 203 > 475, 860 > 959, 302, 202 > 771,
239, 305 > 786 645, 352, 386, 321, 407 > 689, 561 > 728, 727, 772, 813 > 656, 850 > 448, 863, 904 > 324, 941,
954 > 754, 229, 404 770 > 678 470 943, 478, 706 > 762, 912 > 565, 808, 208 > 986,
217 > 447, 309 > 861, 312 773 > 872, 618 > 730, 630 > 331, 708 > 464, 815 > 779, 847 > 224,
219, 260, 317 > 463, 574, 765, 812 > 930, 319, 515, 563, 641, 712, 316, 620, 785, 913, 270 > 364, 502, 606, 859,
225, 318 > 457, 337, 504, 985, 207, 301 > 240 227, 410 > 443 667, 413, 508 > 774, 617 > 857, 781 > 339, 978 > 351,
231, 248 > 947, 269, 313 > 679, 517, 586, 616, 734, 810, 906, 989, 218, 320, 507 > 924, 612, 651, 763, 952,
228, 601 > 769, 662 > 471, 314 > 557, 417, 573 > 235, 636, 660, 816 > 975, 406, 308, 402 > 531, 702 > 725, 775, 603,
201 > 551, 609 > 640, 732 > 848, 856, 908, 973 > 862, 505, 575,
212 718 > 646 917 347 929 332 465, 315 > 680, 516 > 363, 518 > 838, 585, 607, 631 > 934, 716 > 624, 845 > 329, 914,
252, 336 > 743, 704 > 980, 828, 910 > 472, 919 > 984, 701,
216, 330 > 234, 419 > 567, 440 > 436, 513 > 283, 614 > 380, 740 > 220, 937 > 326, 405 > 572, 580, 918 > 539,
503 > 971, 541 > 458, 215 > 267 445, 412 724 > 878, 570 > 272, 610 > 484 835, 717 > 223, 814 > 582, 401,
803 > 839, 843 > 854, 864 > 821, 605, 423 > 729, 615 > 629, 731, 865, 901, 931,
210 > 726, 214 > 972 469 945, 254, 325, 361, 409, 432, 512 > 737, 713 > 281 832 346 621, 806, 817 > 682, 830,
903 > 430, 915, 936, 940, 956, 979, 801 > 385, 435, 802,
276, 434, 540 > 826, 703 > 571, 757 > 948, 804 > 686, 206 253 360 425 > 564, 509, 304 > 681,
262, 414, 608 > 353, 715 > 534, 920 > 274, 307
"""


def _codes(words: str) -> tuple[int, ...]:
    return tuple(int(word) for word in words.split())


def _areas(table: str) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Pairs of the codes of one area: those with exchanges of their own, and those that overlay them."""
    for line in table.split(","):
        first, _, over = line.partition(">")
        yield _codes(first), _codes(over)


REGIONS: Mapping[int, str] = MappingProxyType({
    code: region for region, table in (("US", _US), ("CA", _CANADA))
    for first, over in _areas(table) for code in first + over
})
OVERLAID: Mapping[int, tuple[int, ...]] = MappingProxyType({
    code: first for table in (_US, _CANADA) for first, over in _areas(table) for code in over
})


def is_plausible_area(area: int) -> bool:
    """Whether an area code that nobody knows may be a new one: not 0xx or 1xx, N11, N9X (kept back) or 555."""
    return area >= 200 and area % 100 != 11 and area // 10 % 10 != 9 and area != 555


def renewal_advice(today: date) -> str:
    """What `make check` says to developers once the table is older than a year; "" before."""
    if today - CHECKED <= RENEW_AFTER:
        return ""
    return (f"The list of area codes is of {CHECKED}. Compare the lines of portal/rules/area_codes.py with the"
            " reports that its first lines name, and set CHECKED to today. Nothing fails until then: numbers in newer"
            " area codes are read, and warned about.")


def remind_to_renew(today: date | None = None) -> None:
    """Print the advice, if there is any. `make check` ends with it."""
    if said := renewal_advice(today or datetime.now(UTC).date()):
        sys.stdout.write(said + "\n")
