"""The class loader that lets our codes into Oscar's checkout: name `load_classes` in `OSCAR_DYNAMIC_CLASS_LOADER`.

Oscar asks its loader for each view and service. This one finds the class as ever, the shop's fork included, and puts
one mixin of ours before it. So no app of Oscar needs to be forked, and none that is forked loses its changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from django.utils.module_loading import import_string
from oscar.core.loading import default_class_loader

MIXINS: Final = {
    ("basket.views", "BasketView"): "django_ppx.contrib.oscar.basket.ExplainsCodes",
    ("basket.views", "VoucherAddView"): "django_ppx.contrib.oscar.basket.AcceptsCodes",
    ("checkout.views", "PaymentDetailsView"): "django_ppx.contrib.oscar.checkout.HoldsCodes",
    ("offer.applicator", "Applicator"): "django_ppx.contrib.oscar.shoppers.KnowsGuests",
    ("order.utils", "OrderCreator"): "django_ppx.contrib.oscar.redeeming.RedeemsCodes",
}
"""What is put before which class. Imported when Oscar asks, not before: models may be loading still."""


def load_classes(
    module_label: str, classnames: Sequence[str], module_prefix: str = "oscar.apps"
) -> list[Any]:
    """Return the classes that Oscar would, with our mixins before some of them."""
    return extend_classes(
        module_label, classnames, default_class_loader(module_label, classnames, module_prefix)
    )


def extend_classes(
    module_label: str, classnames: Sequence[str], classes: Sequence[Any]
) -> list[Any]:
    """Return `classes` with our mixins. For a shop with a class loader of its own, to call last."""
    return [
        _extended(MIXINS[module_label, name], found) if (module_label, name) in MIXINS else found
        for name, found in zip(classnames, classes, strict=True)
    ]


@cache
def _extended(path: str, found: type) -> type:
    """Return one subclass per class, so that whoever asks twice gets the same."""
    mixin = import_string(path)
    if issubclass(found, mixin):  # a fork that was itself built on an extended class
        return found
    return type(
        found.__name__, (mixin, found), {"__module__": found.__module__, "__doc__": found.__doc__}
    )
