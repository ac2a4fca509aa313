"""The funds room listens when a case is reopened: its reservation must go."""

from django.apps import AppConfig


class FundsConfig(AppConfig):
    name = "funds"

    def ready(self):
        from cases import signals  # noqa: PLC0415 - the models are loaded only now
        from funds.actions import payment  # noqa: PLC0415

        signals.reopening.connect(payment.let_go, dispatch_uid="funds.let_go")
