from ae_demo.ui.components.cards.component import card, cards, problem

__all__ = ["card", "cards", "problem"]
