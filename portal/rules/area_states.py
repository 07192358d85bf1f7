"""In which states and provinces an area code lies, and what they are called.

Source: the place names of `phonenumbers` 9.0.43, put together on the day that `area_codes.py` names; a code that the
library cannot place lies where the codes do that it overlays. No area code of the US crosses a state line. In Canada
one serves two provinces and one all three territories.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from portal.marks import N_

_US = """
AL 205 251 256 334 483 659 938
AK 907
AZ 480 520 602 623 928
AR 327 479 501 870
CA 209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 738 747
   760 805 818 820 831 837 840 858 909 916 925 949 951
CO 303 719 720 748 970 983
CT 203 475 860 959
DE 302
DC 202 771
FL 239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954
GA 229 404 470 478 565 678 706 762 770 912 943
HI 808
ID 208 986
IL 217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872
IN 219 260 317 463 574 765 812 930
IA 319 515 563 641 712
KS 316 620 785 913
KY 270 364 502 606 859
LA 225 318 337 457 504 985
ME 207
MD 227 240 301 410 443 667
MA 339 351 413 508 617 774 781 857 978
MI 231 248 269 313 517 586 616 679 734 810 906 947 989
MN 218 320 507 612 651 763 924 952
MS 228 471 601 662 769
MO 235 314 417 557 573 636 660 816 975
MT 406
NE 308 402 531
NV 702 725 775
NH 603
NJ 201 551 609 640 732 848 856 862 908 973
NM 505 575
NY 212 315 329 332 347 363 465 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934
NC 252 336 472 704 743 828 910 919 980 984
ND 701
OH 216 220 234 283 326 330 380 419 436 440 513 567 614 740 937
OK 405 539 572 580 918
OR 458 503 541 971
PA 215 223 267 272 412 445 484 570 582 610 717 724 814 835 878
RI 401
SC 803 821 839 843 854 864
SD 605
TN 423 615 629 729 731 865 901 931
TX 210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972
   979
UT 385 435 801
VT 802
VA 276 434 540 571 686 703 757 804 826 948
WA 206 253 360 425 509 564
WV 304 681
WI 262 274 353 414 534 608 715 920
WY 307
"""
_CANADA = """
AB 368 403 587 780 825
BC 236 250 257 604 672 778
MB 204 431 584
NB 428 506
NL 709 879
NS 782 902
NT 867
NU 867
ON 226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942
PE 782 902
QC 263 273 354 367 418 438 450 468 514 579 581 819 873
SK 306 474 639
YT 867
"""
_TERRITORIES = """
VI 340
MP 670
GU 671
AS 684
PR 787 939
"""

PLACE_NAMES: Mapping[str, str] = MappingProxyType({
    "US": N_("the US"), "CA": N_("Canada"),
    "US-AL": N_("Alabama"), "US-AK": N_("Alaska"), "US-AZ": N_("Arizona"), "US-AR": N_("Arkansas"),
    "US-CA": N_("California"), "US-CO": N_("Colorado"), "US-CT": N_("Connecticut"), "US-DE": N_("Delaware"),
    "US-DC": N_("Washington, D.C."), "US-FL": N_("Florida"), "US-GA": N_("Georgia"), "US-HI": N_("Hawaii"),
    "US-ID": N_("Idaho"), "US-IL": N_("Illinois"), "US-IN": N_("Indiana"), "US-IA": N_("Iowa"), "US-KS": N_("Kansas"),
    "US-KY": N_("Kentucky"), "US-LA": N_("Louisiana"), "US-ME": N_("Maine"), "US-MD": N_("Maryland"),
    "US-MA": N_("Massachusetts"), "US-MI": N_("Michigan"), "US-MN": N_("Minnesota"), "US-MS": N_("Mississippi"),
    "US-MO": N_("Missouri"), "US-MT": N_("Montana"), "US-NE": N_("Nebraska"), "US-NV": N_("Nevada"),
    "US-NH": N_("New Hampshire"), "US-NJ": N_("New Jersey"), "US-NM": N_("New Mexico"), "US-NY": N_("New York"),
    "US-NC": N_("North Carolina"), "US-ND": N_("North Dakota"), "US-OH": N_("Ohio"), "US-OK": N_("Oklahoma"),
    "US-OR": N_("Oregon"), "US-PA": N_("Pennsylvania"), "US-RI": N_("Rhode Island"), "US-SC": N_("South Carolina"),
    "US-SD": N_("South Dakota"), "US-TN": N_("Tennessee"), "US-TX": N_("Texas"), "US-UT": N_("Utah"),
    "US-VT": N_("Vermont"), "US-VA": N_("Virginia"), "US-WA": N_("Washington"), "US-WV": N_("West Virginia"),
    "US-WI": N_("Wisconsin"), "US-WY": N_("Wyoming"),
    "CA-AB": N_("Alberta"), "CA-BC": N_("British Columbia"), "CA-MB": N_("Manitoba"), "CA-NB": N_("New Brunswick"),
    "CA-NL": N_("Newfoundland and Labrador"), "CA-NS": N_("Nova Scotia"), "CA-NT": N_("Northwest Territories"),
    "CA-NU": N_("Nunavut"), "CA-ON": N_("Ontario"), "CA-PE": N_("Prince Edward Island"), "CA-QC": N_("Quebec"),
    "CA-SK": N_("Saskatchewan"), "CA-YT": N_("Yukon"),
    "US-PR": N_("Puerto Rico"), "US-VI": N_("US Virgin Islands"), "US-GU": N_("Guam"), "US-AS": N_("American Samoa"),
    "US-MP": N_("Northern Mariana Islands"),
})


def _codes(country: str, table: str) -> Iterator[tuple[int, str]]:
    """Pairs of area code and place (ISO 3166-2), from lines that begin with a place."""
    place = ""
    for word in table.split():
        if word.isalpha():
            place = f"{country}-{word}"
        else:
            yield int(word), place


def _places() -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for country, table in (("US", _US), ("CA", _CANADA), ("US", _TERRITORIES)):
        for code, place in _codes(country, table):
            found[code] = (*found.get(code, ()), place)
    return found


AREA_PLACES: Mapping[int, tuple[str, ...]] = MappingProxyType(_places())


def places_of_number(e164: str) -> tuple[str, ...]:
    """The states or provinces (ISO 3166-2) in which the area code of a +1 number lies; () where nobody knows."""
    return AREA_PLACES.get(int(e164[2:5]), ()) if e164.startswith("+1") and e164[2:5].isdecimal() else ()
