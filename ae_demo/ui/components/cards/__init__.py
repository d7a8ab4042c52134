from ae_demo.ui.components.cards.component import card, cards

__all__ = ["card", "cards"]
