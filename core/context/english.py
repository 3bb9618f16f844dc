"""Cues of English notes; written as `core.context.phrases` reads them."""

from core.context.rules import NEAR, NEXT, Meaning, Rules, ahead, answers, behind, stop
from core.types import Context

NEGATED, FAMILY = Context.NEGATED, Context.FAMILY
HISTORICAL, HYPOTHETICAL = Context.HISTORICAL, Context.HYPOTHETICAL

_NEGATED = (
    (
        ahead(NEGATED, lists=True),
        "den{ies|ied|y|ying}, has|had denied, den{ies|ied|y|ying} any|having?",
    ),
    (
        ahead(NEGATED),
        """no, without, without any, absence of, never, never had, neither, none of, lack of
        w/o, no evidence|sign|signs|history|complaints|complaint|symptoms of, free of, devoid of
        lacks, negative for|of, fails|failed to reveal|show|demonstrate, absent
        unremarkable for, rule{s|d} out, ruling out, has|have|was been? ruled out for
        exclude{s|d}, excluding, does|did|do|has|have|had not, doesn't, didn't, don't, hasn't
        haven't, hadn't, cannot see, unable to palpate, no longer has, not have|having
        no one of, ruled him|her out for, declin{es|ed} any? history of
        unlikely to have|be|represent, rather than, instead of, inconsistent with
        not consistent|compatible|suggestive with|of, resolution of""",
    ),
    (
        ahead(NEGATED) | ahead(HISTORICAL),
        """no|denies|denied|without any? known? history of, no hx|h/o of?
        no past|personal history of""",
    ),
    (Meaning(scopes=ahead(NEGATED, NEAR).scopes, joins=True), "nor"),
    (
        Meaning(scopes=ahead(NEGATED, NEXT).scopes, weak=True),
        "not, isn't, wasn't, aren't, weren't, is|was|are|were not",
    ),
    (
        behind(NEGATED, NEAR),
        """was|were|is|are|has|have|had been? ruled out, ruled out, unlikely
        was|is|are|were unlikely, was|were|is|are|has|have been? excluded
        is|are|was|were absent, absent, is|are|was not
        is|are|was|were|has|have not been? seen|identified|present
        is|are|was|were|has|have not been? noted|found|demonstrated|detected
        is|are|was|were|has|have not been? appreciated|evident|visualized|observed|palpable
        is|are|was|were denied, denied, not seen, not present, not identified, not demonstrated
        is|was|are|were less|very|highly? unlikely, improbable, not suspected""",
    ),
    (
        behind(NEGATED, NEXT),
        "negative, is|was|are|were|were|came|tested back? negative, (-), neg",
    ),
    (answers(NEGATED), "no, none, not|non present, denied, denies"),
)

_VERBS = """show{s|ed|}, reveal{s|ed|}, demonstrate{s|d|}, present{s|ed}, report{s|ed}
    complain{s|ed|ing} of?, endorse{s|d}, develop{s|ed}, note{s|d}, admit{s|ted} to
    suffer{s|ed} from, describe{s|d}, state{s|d}, ha{s|d}, have, experience{s|d}, suggest{s|ed|}
    indicate{s|d|}, find, found, confirm{s|ed}, appear{s|ed}, exhibit{s|ed}, became, becomes
    began, begins, there is|was|are|were, identif{y|ied|ies}, see, seen, observed, palpate
    detect, detected, appreciate, appreciated, require, required, evidence"""

_STOPS = (
    (Meaning(asserts=True, stops=frozenset({NEGATED})), _VERBS),
    (
        stop(NEGATED, FAMILY, HISTORICAL, HYPOTHETICAL),
        """but, however, although, though, except, except for, apart from, aside from
        other than, with the exception of, yet, still, nevertheless, despite, in spite of
        whereas, besides, therefore, so that, which is why, only, just, presents with
        presented with, admitted with|for, comes in with|for, came in with|for, he presents
        she presents, presenting with, presenting for""",
    ),
    (
        stop(NEGATED),
        """due to, secondary to, because, because of, as a cause of, as the cause of, since
        until, when, while, as well as a, consistent with, compatible with, suggestive of
        positive for, was|is positive, which, who, but with, now with, and is, and was, and has
        and had, and with, he, she, it, they, we, status post, s/p, the patient, diagnosed with
        known, i, after, following, cause for, source for, origin for, from""",
    ),
    (
        stop(HISTORICAL),
        """now, currently, current, who, today, presents, presented, presenting, complains
        complaining, admitted, is here, comes, came, here for, and now, this admission
        on admission, acute, he, she, reports, for evaluation, that, which""",
    ),
    (
        stop(FAMILY),
        "patient, patients, the patient, personal, he, she, his own, her own, personally",
    ),
    (
        stop(HYPOTHETICAL),
        """which, who, that, was, were, is, are, because, due to, secondary to, after, given
        with, so, therefore, we, he, she, confirmed, diagnosed with, has, had, in, then
        status post""",
    ),
    (Meaning(joins=True), "or, nor"),
    (Meaning(adds=True), "and"),
)

_RELATIVES = """mother, mom, father, dad, brother, brothers, sister, sisters, sibling, siblings
    son, sons, daughter, daughters, aunt, aunts, uncle, uncles, cousin, cousins, grandmother
    grandfather, grandmothers, grandfathers, grandparents, grandparent, parents, parent, niece
    nephew, wife, husband, spouse, maternal|paternal grandmother|grandfather|aunt|uncle|cousin
    maternal|paternal aunts|uncles|cousins|grandparents|side, half brother|sister
    family member|members, relative, relatives, first degree relative|relatives
    mother|father|brother|sister|son of the|this? patient
    daughter|parents|wife|husband|uncle|aunt of the|this? patient"""

_FAMILY = (
    (Meaning(relative=True), _RELATIVES),
    (
        ahead(FAMILY, lists=True),
        """family history|hx of|for|positive|significant|includes|included|is|was? of|for?, fhx
        fh of, family medical? history is|was|positive|significant|notable|remarkable? for?
        familial history of
        family history is|was positive|significant|notable|remarkable|pertinent for
        strong|positive|significant|known family history of?, maternal|paternal history of
        runs in the family, family hx of?""",
    ),
    (
        Meaning(affected=True),
        """had, has, with, have, died of|from|at|in|with?, dying of|from, deceased, passed away?
        diagnosed, diagnosed with, was|were diagnosed with, suffer{s|ed|ing} from?, developed
        history of, is, positive for, living with, alive with, who had|has|died
        was found to have, affected, afflicted, was, were""",
    ),
    (
        Meaning(speaks=True),
        """bring{s|ing}, brought, stat{es|ed}, say{s|ing}, said, report{s|ed}, notice{s|d}
        note{s|d}, noting, den{ies|ied|y}
        has|have|had described|reported|stated|said|told|tried|seen|felt, give{s|n}, gave, he
        she, patient, child, infant, feel{s|}, felt, thinks, thought, tell{s|}, told
        describe{s|d}, concern{s|ed}, ask{s|ed}, accompan{ies|ied}, call{s|ed}, present
        live{s|d}, that, indicate{s|d}, relate{s|d}, believe{s|d}, worr{ies|ied}, want{s|ed}, we
        i, they, recall{s|ed}, mention{s|ed}, without, no, not, provide{s|d}, bedside, is here
        healthy, well, is|was present, is|was with, is|was concerned
        has|had noticed|noted|brought|been|given|called, is|was giving|requesting|worried
        have noticed|noted|been, at|to|into|for, room, of""",
    ),
    (
        behind(FAMILY, NEAR),
        """in|of|involving his|her|the mother|father|brother|sister|brothers|sisters
        in|of|involving a|two|one|patient mother|father|brother|sister|brothers|sisters
        in his|her|the? maternal|paternal? grandmother|grandfather|aunt|uncle|cousin
        in a|two|one|patient? maternal|paternal? grandmother|grandfather|aunt|uncle|cousin
        in his|her|the|a|two|one? siblings|parents|sibling|son
        in his|her|the|a|two|one? daughter|grandparents|cousins|aunts|uncles
        in the|his|her family, in several|multiple|other|some? family members|relatives
        on his|her|the mother|father|maternal|paternal side
        in a? first degree relative|relatives, runs in the|his|her family
        run in the|his|her family""",
    ),
)

_HISTORICAL = (
    (
        ahead(HISTORICAL, lists=True),
        """past medical|surgical? history is|of|significant for|of?
        past medical|surgical? history notable|remarkable|includes|included for|of?, pmh, pmhx
        medical|surgical history is|of|significant for|of?
        medical|surgical history notable|remarkable|includes|included for|of?, pmh of, psh
        history is|was? significant|notable|remarkable for, hx is? significant|notable for
        pmhx of
        past medical|surgical? history is|was significant|notable|remarkable|positive for""",
    ),
    (
        ahead(HISTORICAL),
        """history of, known history of, past history of, prior history of, previous history of
        h/o, hx of, hx, long history of, remote history of, personal history of, status post
        s/p, previously diagnosed with, previously treated for, previously had, had a prior
        had previous, used to have, underwent a? previous, recovered from, survivor of
        sequelae of""",
    ),
    (
        ahead(HISTORICAL, NEXT),
        """previous, prior, past, remote, former, old, earlier, childhood, previously, healed
        formerly, post""",
    ),
    (
        Meaning(
            scopes=(
                *ahead(HISTORICAL, NEAR).scopes,
                *behind(HISTORICAL, NEAR).scopes,
            )
        ),
        """# year|years|yrs|yr|decade|decades ago, years|decades ago, several|many|few years ago
        # years prior|previously|earlier|before, as a child, as a teenager, in childhood""",
    ),
    (
        behind(HISTORICAL, NEXT),
        """in the past, in @, in the @, now resolved, has resolved, resolved, in the remote past
        years ago, previously""",
    ),
)

_HYPOTHETICAL = (
    (
        ahead(HYPOTHETICAL, NEAR),
        """suspected, suspect{s|}, suspected to have|be, suspicion of|for, suspicious for|of
        rule out, r/o, to? exclude, to rule out, cannot rule|be out?, can not rule out
        not ruled out, cannot be ruled out, not exclude, cannot exclude, could not exclude
        does not exclude, not rule out, not excluded, evaluate|evaluation|evaluated for
        to? evaluate for, to assess for, to look for, look{ing|} for, workup for|of
        work up for|of, work-up for|of, concern for|about|of, concerned for|about
        concerning for, worrisome for, worr{ied|y} about, possibility of, potential for
        chance of, differential diagnosis, differential diagnosis includes|included|of
        differential includes, differential of, risk of|for, risks of|include|including
        risks and? potential? complications? of|include|including
        complications include|including, increased|high|higher|low|at risk of|for
        at risk of|for, risks and benefits of?, in case of, in the event of
        in order to prevent|avoid, to prevent, to avoid, prevention of, prevent{s|}
        prophylaxis for|of|against, prophylactic, screening for, screen for
        should he|she|the|there, may|might|could have|be|represent|reflect|indicate|suggest
        could, might, may, versus, vs, return if|for, call if, as needed for, p r n for, prn
        prn for, watch for, monitor for, monitored for, fear of, afraid of
        questionable history of, precautions for, susceptible to, predispos{es|ed|ing} to
        question of""",
    ),
    (
        ahead(HYPOTHETICAL, NEXT),
        """possible, possibly, probable, probably, presumed, presumptive, questionable
        potential, likely, equivocal, perhaps, maybe, suspicious, doubtful""",
    ),
    (
        ahead(HYPOTHETICAL, 12),
        "if, if he|she|the|there|patient, unless, whether, in case, as needed if",
    ),
    (
        behind(HYPOTHETICAL, NEXT),
        """is|are|was suspected, suspected, cannot be ruled|excluded out?, not ruled out
        not excluded, cannot be excluded, could not be excluded|ruled out?
        has|have not been ruled|excluded out?, is|are? possible, is|are a possibility
        is|are? likely, is|are? probable, precautions, prophylaxis
        is|was not excluded|ruled out?, to be ruled out, needs to be ruled out
        must be ruled out""",
    ),
)

_PSEUDO = """no increase in?, no decrease in?, no change in|of?
    no significant|interval|further? change in?, no significant? improvement in|of?
    no relief from|of?, not only, not just, not merely, not necessarily, no doubt
    no worsening of?, no better, not improv{ed|ing}, not respond{ed|ing} to?, not tolerat{e|ed}
    no longer, without difficulty, without complication|complications, without incident
    not drain, not certain if|whether|that?, not sure if|whether|that?, gram negative
    rh negative, no one, no matter, not well controlled, not controlled
    not optimally controlled, non small cell, non hodgkin|hodgkins, non st
    non insulin dependent, non q wave, non union, non ischemic, non healing, non toxic
    non compliant, non steroidal, non obstructive, non obstructing, non displaced, non tender
    non compliance, non verbal, not otherwise specified, not elsewhere classified
    no known cause, no improvement, not relieved by?, without relief, without improvement
    without success, without change, not resolve|resolved|resolving, history of present illness
    history of the present illness, history and physical, history of presenting
    history physical, history is|was obtained|taken|provided, social history, natural history
    history taking, # day|days|week|weeks|month|months|year|years history of
    day|week|month|year|hour history of, # hour|hours history of
    history of # days|weeks|months|hours|years of?, short|brief history of, current history of
    history of chief complaint, history of the? current, history of the
    post operative|op|menopausal|traumatic|nasal|prandial|natal|partum, post operatively
    prior to, previous to, prior authorization, past # days|weeks|months|hours|years
    past few|several|couple|week|month, past year
    years|year|yrs|yo|month|months|y|days|weeks old, # year|month|week|day old
    old records|record, brought in|to|here by his|her|the mother|father|parents|wife|husband
    brought in|to|here by his|her|the son|daughter|family|sister|brother
    lives with his|her|the mother|father|parents|wife|husband
    lives with his|her|the son|daughter|family|sister|brother|children
    accompanied by his|her|the mother|father|parents|wife|husband
    accompanied by his|her|the son|daughter|family|sister|brother, mother|father of #
    sister ship, twin pregnancy|gestation, father|mother and baby, child abuse
    as soon as possible, if possible, where possible, when possible, as possible
    risk factor|factors for?, at risk population, see if, as if, may proceed, may also
    may use|take|resume|return, could not|see|feel|hear, may have had, would like, would be
    would have, could be seen|identified, likely to, family planning
    family physician|doctor|practice|medicine, single family, primary history, cause of death
    not a candidate, not for, no acute distress, were not for, no apparent distress
    no increased, no further increase, without further, absence seizure|seizures, no show"""

_PAST, _KIN = Context.HISTORICAL, Context.FAMILY
_HEADINGS = (
    (
        _KIN,
        "family history, family medical history, family hx, fh, fhx, fam hx, past family history",
    ),
    (
        _PAST,
        """past medical history, past surgical history
        past medical|surgical|history and surgical? history?, past history, medical history
        surgical history, pmh, pmhx, psh, pshx, past medical hx, prior history
        past medical and surgical history, past surgical hx, past psychiatric history
        previous history, past obstetrical|ob|gyn|gynecologic? history, prior surgeries
        previous surgeries, past medical surgical history, pertinent? medical history
        past illnesses, prior procedures""",
    ),
    (
        None,
        """history of present illness, hpi, history, chief complaint
        reason for visit|consultation|exam, present illness, review of systems, ros
        physical examination|exam, exam, examination, objective, subjective, assessment
        assessment and? plan, plan, impression, medications, current medications, allergies
        social history, sh, vital signs, vitals, laboratory|lab data|studies|results?, labs
        imaging, radiology, studies, diagnosis, diagnoses, procedure, procedures, findings
        hospital course, discharge diagnosis|diagnoses|medications|instructions
        admission|admitting diagnosis|diagnoses
        preoperative|postoperative|principal|secondary|final diagnosis|diagnoses, indications?
        technique, conclusion, recommendations, general, heent, neck, chest, lungs, heart
        abdomen, extremities, skin, neurologic, neurological
        indication for|of procedure|study|exam?, anesthesia, complications, immunizations
        birth history, developmental history, habits, course, disposition, condition, shx, meds
        cc, hx, soc hx, pe, psychiatric, cardiovascular
        personal|occupational|psychosocial history, home medications
        description of operation|procedure""",
    ),
)

_RESUMES = """presents, presented, now, currently, today
    the? patient presents|presented|is|was|reports|states
    he|she presents|presented|is|was|reports|states|complains|comes|came, on examination
    on exam, on arrival"""

RULES = Rules(
    cues=(*_NEGATED, *_STOPS, *_FAMILY, *_HISTORICAL, *_HYPOTHETICAL),
    pseudo=_PSEUDO,
    headings=_HEADINGS,
    resumes=_RESUMES,
    numbers=frozenset(
        "a an one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen twenty thirty forty fifty several few many couple some".split()
    ),
)
