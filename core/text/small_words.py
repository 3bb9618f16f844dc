"""Words that a phrase neither begins nor ends with, in both languages.

Without accents, as `core.context.words` folds them. One list serves both languages: notes mix them.
Auxiliary verbs count. So do the words that deny: evidence is the finding itself, and that it is
denied is told beside it.
"""

DENYING = frozenset("no sin ni nunca tampoco not without nor neither never".split())
SMALL_WORDS = DENYING | frozenset(
    """
    a al algo algun alguna algunas algunos ambas ambos ante antes aquel aquella asi aun aunque bajo
    cada como con contra cual cuales cuando cuya cuyas cuyo cuyos de del desde despues donde
    durante e el ella ellas ellos en entonces entre era eran es esa esas ese eso esos esta estaba
    estaban estan estar este esto estos fue fueron ha habia habian haber han hasta hay he hubo la
    las le les lo los mas me mediante menos mi mientras muy nos o otra otras otro otros para pero
    por porque pues que quien quienes se sea segun ser si sido siendo sino sobre son su sus tal
    tambien tan tanto tiene tienen toda todas todo todos tras tuvo u un una unas uno unos y ya
    about after all also although an and any are as at be because been before being both but by can
    could did do does during each for from had has have having her here hers him his how however i
    if in into is it its may might more most must my of on onto or other our out over per she
    should since so some such than that the their theirs them then there therefore these they this
    those though through thus to toward towards until up upon us very via was we were what when
    where which while who whom whose will with within would yet you your
    """.split()
)
