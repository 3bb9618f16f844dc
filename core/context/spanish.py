"""Cues of Spanish notes; written as `core.context.phrases` reads them, without accents."""

from core.context.rules import NEAR, NEXT, Meaning, Rules, ahead, answers, behind, stop
from core.types import Context

NEGATED, FAMILY = Context.NEGATED, Context.FAMILY
HISTORICAL, HYPOTHETICAL = Context.HISTORICAL, Context.HYPOTHETICAL

_NEGATED = (
    (
        ahead(NEGATED, lists=True),
        """nieg{a|an|aba|aban|o|aron|ando}, neg{aba|aban|o|aron|ando}, nego, negaron
        no haber? refier{e|en}, no referi{a|an|o|r|endo}, no relata, no aqueja, no impresiona de""",
    ),
    (
        ahead(NEGATED),
        """sin signos|datos|evidencia|presencia|sintomas|indicios|clinica|historia|semiologia de
        sin signos ni sintomas de, sin evidencias|hallazgos de, tampoco, nunca, jamas, ningun
        ninguna, ninguno, ausencia de, ausencias de, descartada? la? ausencia
        negatividad de|para, carece|carecen de, carente|carentes de
        exento|exenta|exentos|exentas de, libre|libres de, en ausencia de
        negativo|negativa|negativos|negativas para|a|de|frente, negativo|negativa por
        no compatible|compatibles con, no sugestivo|sugestiva|sugestivos|sugestivas de
        se? descart{a|an|o|aron|aba|aban|ando|andose|andonos|arse}
        se ha|han|habia|habian descartado, ha|han|habia|habian descartado, fue descartada? la
        permit{e|io} descartar, una? vez descartado|descartada|descartados|descartadas
        tras|luego|despues de? descartar|descartarse, pudo|pudieron descartar|descartarse
        logro descartar, se excluy{e|en|o|eron}, excluyendose, se exclui{a|an}""",
    ),
    (ahead(NEGATED, single=True), "sin, sin que, sin otro|otra|otros|otras"),
    (
        Meaning(scopes=ahead(NEGATED, NEAR).scopes, joins=True),
        "ni, ni siquiera",
    ),
    (
        Meaning(scopes=ahead(NEGATED, NEXT, single=True).scopes, weak=True),
        "no, no se|le|les|lo|la|los|las, no se le|les|lo|la, no me|nos",
    ),
    (
        behind(NEGATED, NEAR),
        """fue|fueron|ha|han|quedo|quedaron|queda|quedando sido? descartad{o|a|os|as}
        descartad{o|a|os|as}, se descart{a|o|aron|an}, descartandose, ausente|ausentes
        negativizado|negativizada, excluid{o|a|os|as}, poco|muy? poco probable|probables
        improbable|improbables, muy improbable, no esta presente, no estan presentes
        no presente|presentes, no demostrad{o|a|os|as}""",
    ),
    (
        behind(NEGATED, NEXT),
        """negativ{o|a|os|as}, (-), es|era|eran|fue|fueron|siendo negativ{o|a|os|as}
        ningun{o|a}, resulto|resultaron|sale|salen|resultado negativ{o|a|os|as}""",
    ),
    (answers(NEGATED), "no, no conocidas|conocida, ninguno, ninguna, niega"),
)

_VERBS = """present{a|an|aba|aban|o|aron|ando|andose|ar|e}, haber? presentado, refier{e|en}
    referi{a|an|o|do|r}, refirio, refirieron, muestr{a|an}, mostr{aba|aban|o|aron|ando|ar}
    observ{a|an|o|aron|aba|aban|andose|arse|ar|e}, apreci{a|an|o|aron|aba|aban|andose|arse|ar}
    objetiv{a|an|o|aron|aba|aban|andose|arse|ar}, evidenci{a|an|o|aron|aba|aban|andose|arse|ar}
    detect{a|an|o|aron|aba|aban|andose|arse|ar}, visualiz{a|an|o|aron|aba|aban|andose|arse}
    identific{a|an|o|aron|aba|aban|andose}, identificandose
    encontr{o|aron|aba|aban|ando|andose|ar|arse}, encuentr{a|an}
    hall{a|an|o|aron|aba|aban|andose}, palp{a|an|aba|aban|o|aron|andose|arse}
    existi{a|an|o|endo|r|eron}, exist{e|en}, hay, habia, hubo, habiendo
    revel{a|an|o|aron|aba|ando}, demuestr{a|an}, demostr{o|aron|aba|ando}, tien{e|en}
    teni{a|an|endo}, tuvo, tuvieron, tener, padec{e|en|ia|io}, destac{a|an|aba|aban|o|ando}
    aparec{e|en|ieron|io|ia|ian}, apareciendo, desarroll{a|o|aron|ando}, sufr{e|en|io|ia|iendo}
    constat{a|an|o|aron|andose}, confirm{a|an|o|aron|ando|andose}, sugier{e|en|an}
    sugir{io|ieron|iera|iendo}, describ{e|en|ia|io}, inform{a|an|o|aron}, registr{a|o|aron|an}
    relat{a|an|aba|o}, quej{a|an|aba}, inici{a|o|aba}, comenz{o|ando}, coment{a|o|aba}
    impresiona, ausculta, auscult{a|an|aba|aban}, asoci{a|an|aba|o|aron}
    acompan{a|an|aba|o|andose}, consta|constan, recuerd{a|an}, recordaba, produc{e|en|ia}
    produjo, produjeron, manifiest{a|an}, manifest{o|aba|aron}, percib{e|en|ia|io}, sient{e|en}
    sospech{a|o|aba}, realiz{a|an|o|aron|aba}, realizar, recib{e|io|ia|ieron}
    precis{a|o|aban|aron}, requ{iere|irio|eria|irieron}, consum{e|ia|io}, tom{a|aba|o}
    dese{a|aba}, sobrevin{o|ieron}, surg{e|en|io|ieron}, oye|oyen, oia|oian, ve|ven, veia|veian"""

_NEGATED_PAST = (
    (
        ahead(NEGATED) | ahead(HISTORICAL),
        """sin|niega|ni antecedente|antecedentes de, no antecedente|antecedentes de
        sin historia de, sin antecedentes personales|medicos|patologicos|previos de
        sin historia previa|personal de
        no|sin presenta|tiene|refiere|referia? antecedentes personales|previos|medicos? de""",
    ),
    (
        ahead(NEGATED) | ahead(FAMILY),
        """sin antecedentes|historia familiares|familiar conocida|conocidos? de
        niega antecedentes familiares de, no antecedentes familiares de
        no hay antecedentes familiares de
        sin antecedentes personales|patologicos ni|o|y familiares de""",
    ),
)

_STOPS = (
    (Meaning(asserts=True, stops=frozenset({NEGATED})), _VERBS),
    (
        stop(NEGATED, FAMILY, HISTORICAL, HYPOTHETICAL),
        """que comenzo|presenta|presento|acude|acudio|ingresa|consulta, pero, pero si, eso si
        sí, aunque, sino, sino que, excepto, salvo, a excepcion de, con excepcion de
        con la excepcion de, exceptuando, a pesar de, pese a, sin embargo, no obstante
        por lo que, por lo cual, mientras que, a diferencia de, a no ser, tan solo, unicamente
        solamente, solo, por lo tanto, por tanto, en cambio, motivo por el? cual|que
        a continuacion, aparte de, fuera de, ademas de, acude, acudio, consulta por, ingresa
        ingreso por, es|fue derivad{o|a}, es|fue remitid{o|a}""",
    ),
    (
        stop(NEGATED),
        """debido a, debida a, secundari{o|a|os|as} a, a causa de, por presentar
        por presencia de, y con, con, donde, cuando, hasta, hasta que, desde, tras, despues de
        al cabo de, durante, y se, y presenta, siendo, ya que, puesto que, diagnosticad{o|a} de
        portador|portadora de, tratad{o|a} con|por, en tratamiento con, positiv{o|a|os|as}
        intervenid{o|a} de, afect{o|a} de, que desde, que en, que tras, que hace
        y un|una|unos|unas, a los # dias|meses|anos|semanas, el paciente, la paciente, estando
        por, y el|la|los|las|su|sus, mejoria, alivio, mejorar, aliviar, respuesta, control
        conseguir, exito, efecto, variacion""",
    ),
    (
        stop(HISTORICAL),
        """actual, actuales, actualmente, que, en la actualidad, presenta, presentaba, presento
        refiere, consulta, ingreso, desde, en tratamiento con, en tratamiento, hasta, y al""",
    ),
    (
        stop(FAMILY),
        """paciente, pacientes, personal, personales, nuestro, el enfermo, la enferma
        se diagnostic{a|o}""",
    ),
    (
        stop(HYPOTHETICAL),
        """se, que, secundari{o|a} a, debid{o|a} a, por, con, tras, ante, mediante, donde
        asi como, realizamos, solicitamos, confirm{a|o|ado|ada|andose}, para, frente a, versus
        vs, durante, iniciamos, decidimos, es, fue, presenta, indicamos, diagnosticad{o|a} de""",
    ),
    (Meaning(joins=True), "o, u, y/o, tampoco"),
    (Meaning(adds=True), "y, e"),
)

_RELATIVES = """madre, padre, padres, progenitor|progenitora|progenitores, hermano|hermana
    hermanos|hermanas, hijo|hija|hijos|hijas, abuelo|abuela|abuelos|abuelas, nieto|nieta
    sobrino|sobrina|sobrinos, tio|tios, su|sus tia|tias, tia|tias materna|paterna|maternas
    primo|prima|primos|primas hermano|hermana|hermanos|carnal|segundo?
    su|un|una|dos primo|prima, primos|primas, bisabuelo|bisabuela, familiar|familiares
    esposo|esposa|marido|conyuge, familiar|familiares de primer grado, suegro|suegra
    madre|padre|padres|hermano|hermana del paciente|nino|enfermo
    hermanos|hijo|hija|tio|abuelo|abuela del paciente|nino|enfermo
    madre|padre|padres|hermano|hermana de la|el paciente|nina|nino
    hermanos|hijo|hija|tio|abuelo|abuela de la|el paciente|nina|nino
    abuelo|abuela|abuelos|abuelas|tio|tia|tios|primo|prima|rama|linea|familia materna|paterna
    abuelo|abuelos|tio|tios|primo materno|paterno|maternos|paternos, hermanastro|hermanastra"""

_FAMILY = (
    (Meaning(relative=True), _RELATIVES),
    (
        ahead(FAMILY, lists=True),
        """antecedente|antecedentes familiar|familiares de?, historia familiar de?, ahf
        historia heredofamiliar, antecedentes heredofamiliares de?
        antecedentes heredo familiares de?
        antecedentes personales|personal y|o|ni familiares|familiar de
        antecedente|antecedentes|historia materno|materna|maternos|paterno|paterna|paternos de
        fallecimiento|muerte de su|un|una|la|el? madre|padre|hermano|hermana|hijo|hija por|de
        carga familiar de, agregacion familiar de, en la familia hay|habia""",
    ),
    (
        Meaning(affected=True),
        """con, afect{o|a|os|as} de?, diagnosticad{o|a|os|as} de?, present{a|an|aba|aban|o|aron}
        padec{e|en|ia|ian|io|ieron}, tien{e|en}, teni{a|an}, tuvo, tuvieron, sufri{a|o|eron}
        sufre, fallec{io|ieron}, fallecid{o|a|os|as}, murio, murieron, muert{o|a|os|as}
        portador{|a|es|as}, hipertens{o|a|os|as}, diabetic{o|a|os|as}, asmatic{o|a|os|as}
        intervenid{o|a|os|as} de, habia presentado|padecido|tenido|fallecido, desarroll{o|aron}
        operad{o|a} de, con historia, antecedente|antecedentes de, epileptic{o|a|os|as}
        enferm{o|a|os|as} de, es, era, habia|habian fallecido|muerto
        ha|han presentado|padecido|tenido|fallecido, por cancer|infarto|neoplasia""",
    ),
    (
        Meaning(speaks=True),
        """refier{e|en}, referi{a|an}, refirio, trae|traen, trajo|trajeron, consulta|consultan
        acude|acuden, acudio|acudieron, solicit{a|an|o}, coment{a|an|o}, explic{a|an|o}
        relat{a|an}, dice|dicen, not{a|an|o}, observ{a|o|aron}, relacion{a|an|aba|o}
        asoci{a|an}, lleva, llevo, vive, viven, cree|creen, el, niega|niegan, nego|negaron
        inform{a|an|o}, paciente, dona, donante, no, sin, san{o|a|os|as}, decid{e|en|io|ieron}
        cuenta|cuentan, al|en el? centro, consulto|consultaron, nino|nina, autoriza|autorizan
        sospecha|sospechan""",
    ),
    (
        behind(FAMILY, NEAR),
        """en|de la|su|el|sus|un|una|dos|tres? madre|padre|hermano|hermana|hermanos|hermanas
        en la|su|el|sus? abuelo|abuela|tio|tia|primo|prima|hijo|hija|hijos
        en un|una|dos|tres|varios? abuelo|abuela|tio|tia|primo|prima|hijo|hija|hijos
        en rama|linea|familia materna|paterna, por parte de madre|padre, en la|su familia
        en la|su|el|sus? abuelo|abuela|tio|tia materno|materna|paterno|paterna
        en un|una|dos|tres|varios? abuelo|abuela|tio|tia materno|materna|paterno|paterna
        en uno|una|dos|tres|varios de los|las|sus hermanos|hermanas|hijos|hijas|familiares
        en sus? padres, en varios|algunos|otros? familiares, de|en primer grado""",
    ),
)

_HISTORICAL = (
    (
        ahead(HISTORICAL, lists=True),
        """antecedente|antecedentes, antecedente|antecedentes de, antecedentes de interes
        entre sus? antecedentes, como antecedentes, app
        antecedentes previos|generales|relevantes de?""",
    ),
    (
        ahead(HISTORICAL, lists=True) | stop(FAMILY),
        """
        antecedente|antecedentes personal|personales|medico|medicos|patologico|patologicos de?
        antecedente|antecedentes quirurgico|quirurgicos de?, antecedentes clinicos de?
        antecedente|antecedentes personal|personales patologico|patologicos? de?
        antecedentes personales de interes, antecedentes patologicos de interes
        antecedentes medicos de interes, antecedentes medicos y|o|ni quirurgicos de?""",
    ),
    (
        ahead(HISTORICAL),
        """historia previa|antigua|pasada|remota|personal de, historia de, historial de
        historia medica previa? de, en su? historia previa, previamente diagnosticad{o|a} de
        diagnosticad{o|a} previamente de, ya conocido, exposicion previa a
        episodio|episodios previo|previos de, episodio|episodios anteriores de, secuelas de
        en el pasado, ex, status post, estado post, postoperad{o|a} de, en la infancia
        fue|habia|haber sido? intervenid{o|a} previamente de, ingreso previo por, a su? juventud
        intervenid{o|a} previamente de, habia sido? diagnosticad{o|a|os|as} de
        ha|habia padecido|sufrido|tenido|presentado previamente, paso de""",
    ),
    (
        Meaning(scopes=(*ahead(HISTORICAL, NEAR).scopes, *behind(HISTORICAL, NEAR).scopes)),
        """hace unos|aproximadamente|casi|ya? # anos, hace anos, hace mas|menos de # anos
        hace muchos|varios|bastantes anos, hace mas o menos # anos, # anos antes|atras
        hace alrededor|cerca de # anos, en la infancia|juventud|ninez|adolescencia
        a los # anos de edad, durante la infancia""",
    ),
    (
        behind(HISTORICAL, NEXT),
        """previ{o|a|os|as}, antigu{o|a|os|as}, en el pasado, ya resuelt{o|a}
        residual|residuales, resuelt{o|a|os|as}, en @, en el ano @""",
    ),
)

_HYPOTHETICAL = (
    (
        ahead(HYPOTHETICAL, NEAR),
        """sospecha clinica|diagnostica|inicial|fundada|radiologica? de|por?, sospecha
        sospechas de, sospechos{o|a|os|as} de, sospech{o|aba|ando|andose|amos} se? un|una|que?
        impresion de, diagnostico de sospecha|presuncion de, diagnostico presuntivo de
        presuncion de, diagnostico diferencial con|de|entre?
        plantea|planteo el? diagnostico diferencial con, posibilidad de|diagnostica?
        posibilidades de, hipotesis de, no se? puede|pudo descartar
        no se? puede|pudo|podia|pudiendo excluir, no se? pudiendo descartar
        no es posible descartar, no se? descart{a|aba|o|an}, no descartandose
        sin poder|descartar descartar?, sin descartar
        para|a|con fin|objeto|intencion? de? descartar, por descartar, descartar, a descartar
        no puede|pudo descartarse|excluirse, no pudiendose descartar, no podemos descartar
        obliga|obligo|obligan a descartar, a fin de descartar, con objeto de descartar
        riesgo de, riesgos de, alto|bajo|mayor|elevado riesgo de, en riesgo de, amenaza de
        en caso de, en el? caso de que, si aparec{e|en|iera}, si presenta|presentara, si empeora
        si hay|tiene|tuviera|hubiera, ante la? aparicion de, acudir si, volver si, consultar si
        temor a|de, miedo a, para prevenir|evitar, prevencion de, profilaxis de|para, cribado de
        screening de, despistaje de, estudio de posible|probable, podria tratarse de
        podria|podrian|pudiera corresponder|tratarse|ser|sugerir|representar
        pudieran|puede|pueden corresponder|tratarse|ser|sugerir|representar
        podria|podrian|pudiera|pudieran, vigilar, valorar, hasta descartar
        pendiente de descartar, dudos{o|a} de, en busca de, buscando
        plantea|planteaba la? duda de, con vistas a
        plantea|planteo|planteandose la posibilidad de, predispone a
        susceptible|susceptibles de""",
    ),
    (
        ahead(HYPOTHETICAL, NEXT),
        """posible, posibles, probable, probables, presunt{o|a|os|as}, eventual, eventuales
        supuest{o|a|os|as}, hipotetic{o|a}, potencial, probablemente, posiblemente
        no descartable, dudos{o|a|os|as}""",
    ),
    (ahead(HYPOTHETICAL, 12), "si, si el paciente, en caso de que, siempre que"),
    (
        behind(HYPOTHETICAL, NEXT),
        """probable, posible, a descartar, por descartar, en estudio, no descartad{o|a}
        dudos{o|a}, no se puede descartar, no pudo|puede descartarse, sin confirmar
        como primera posibilidad, como posibilidad, como posible diagnostico
        pendiente de confirmar|confirmacion""",
    ),
)

_PSEUDO = """no solo, no solamente, no unicamente, sin embargo, no obstante, no hodgkin
    no hodgkiniano, no esteroideo|esteroideos|esteroidea|esteroideas, no invasiv{o|a|os|as}
    sin duda, sin dudas, no se? mejor{a|o|aba|an|aron|ando}, sin mejor{ar|ando}, sin mejoria
    no ced{e|en|ia|io|iendo}, sin ceder, no respond{e|en|ia|io|ieron|iendo|edor|edora} a?
    sin respuesta, no remit{e|io|ia}, no toler{a|o|aba|ando}, no controlad{o|a|os|as}
    mal controlad{o|a}, no tratad{o|a|os|as}, no filiad{o|a|os|as}, sin filiar
    no especificad{o|a|os|as}, no insulinodependiente|insulinodependientes
    no insulin dependiente, no dependiente, no a no b, no complicad{o|a|os|as}
    no dolorosa|doloroso|dolorosas|dolorosos, no productiva|productivo, no adherid{o|a|os|as}
    no pulsatil|pulsatiles, no irradiad{o|a}, no palpable|palpables, no ulcerad{o|a|os|as}
    no metastasic{o|a}, no comunicante, no secretor|secretora, no traumatic{o|a}
    no candidat{o|a}, no reductible|reducible, no relacionad{o|a|os|as} con, no microcitico
    no celulas pequenas, no de celulas pequenas, no neumococic{o|a}, no quirurgic{o|a}
    no obstructiv{o|a}, no obstructivo|obstructiva, no oliguric{o|a}, no penetrante
    no seminomatoso|seminomatosos, no aument{a|o|aba}, no aumento de, no se? modific{a|aba|o|an}
    no sabe|sabia, no acudio, no acude, no desaparec{e|io|ia|en}, no aliviaba|alivia|alivio
    no consigue|consiguio, no pudo|puede|podia, no afecta|afectaba a, no permit{e|ia|ian|io|en}
    no volvio, no se? debe|debio, no caseificante|caseificantes, no necrotizante|necrotizantes
    no alcoholic{o|a}, no funcionante|funcionantes, no conocid{o|a|os|as}, no reglad{o|a}
    no resuelt{o|a|os|as}, sin tratamiento, sin tratar, sin control, sin incidencias
    sin complicaciones, sin causa, sin motivo, sin necesidad de, sin llegar a, sin aura
    sin relacion con, sin cambios, sin haber recibido, presion negativa
    gram negativo|negativos|negativas, gramnegativo, balance negativo, rh negativo
    vive|viven con su? madre|padre|padres|hermano|hermana
    vive|viven con su? hijo|hija|hijos|esposa|marido|familia
    llevad{o|a} por sus? padres|madre|padre, hallad{o|a} por su madre|padre
    acompanad{o|a} de|por su|sus|la|el madre|padre|padres|hijo|hija|familia|familiares
    traid{o|a} por su|sus|la|el madre|padre|padres|hijo|hija|familia|familiares
    convive con su? madre|padre|padres|hermano|hermana|hijo|hija, medico de familia
    padre|madre de #, antecedentes de la enfermedad, historia clinica, historia natural
    historia actual, historia social, historia de la enfermedad actual
    historia de unos|aproximadamente? # dias|semanas|meses|horas|anos
    historia de mas de # dias|semanas|meses|anos, historia clinica de # dias|semanas|meses|anos
    historia de la enfermedad, historia desde, historia de larga evolucion de?, historia del
    sin|ni otros? antecedentes, sin otros? antecedentes de interes|importancia|relevancia
    sin otros? antecedentes personales|familiares|medicos
    sin otros? antecedentes patologicos|clinicos|conocidos|previos
    sin antecedentes personales|familiares de interes|importancia|relevancia
    sin antecedentes medicos|patologicos|clinicos de interes|importancia|relevancia
    sin otros? antecedentes personales|familiares ni|o|y familiares|personales|quirurgicos
    sin otros? antecedentes medicos|patologicos ni|o|y familiares|personales|quirurgicos
    sin antecedentes personales ni|o|y familiares|personales|quirurgicos de interes
    sin antecedentes familiares|medicos ni|o|y familiares|personales|quirurgicos de interes
    antecedentes sin interes|importancia|relevancia, antecedentes personales sin interes
    antecedentes anodinos, antecedentes epidemiologicos de?
    historia dietetica|nutricional|ginecologica|obstetrica
    desde hace unos|aproximadamente|mas|casi|ya? de? # dias|semanas|meses|anos, desde hace anos
    desde hace muchos|varios|bastantes anos, de hace # anos de evolucion, previ{o|a|os|as} a|al
    por familiares|parte, previa realizacion, anterior|anteriores a|al, segmento anterior
    camara anterior, cara anterior, pared anterior, region anterior, lado anterior
    mediastino anterior, fosa anterior, ligamento anterior, tercio anterior, cruzado anterior
    tan pronto como sea posible, en la medida de lo posible, lo antes posible
    es|fue|era posible, no es|fue|era|siendo posible, ha|hace|hizo|haria posible
    posible realizar, si bien, si mismo, no cabe duda de?, como si, asi como si, a si misma
    por si mismo|sola|solo, de por si, test|prueba|pruebas de? screening
    valorar la|el evolucion, factor|factores de riesgo, grupo de riesgo, riesgo quirurgico
    riesgo anestesico, alto|bajo riesgo, sin signos de alarma
    confirm{a|o|an|aron|ando|andose|ar} asi? la|nuestra sospecha clinica? de?
    confirm{a|o|an|aron|ando|andose|ar} asi? la|nuestra sospecha diagnostica|inicial? de?
    confirm{a|o|an|aron|ando|andose|ar} el diagnostico de sospecha|presuncion de?
    posible|probable etiologia|origen|causa de?, coagulasa negativo|negativa|negativos
    sin correccion, antecedentes familiares de interes|importancia|relevancia
    refieren los|sus padres|familiares que?, refiere la|su|el madre|padre|familia que?"""

_PAST, _KIN = Context.HISTORICAL, Context.FAMILY
_HEADINGS = (
    (
        _KIN,
        """antecedentes familiares de? interes?, antecedentes heredofamiliares
        historia familiar, antecedentes heredo familiares, af, ahf""",
    ),
    (
        _PAST,
        """antecedentes
        antecedentes personales|medicos|patologicos|quirurgicos|previos de? interes?
        antecedentes personales patologicos|medicos|quirurgicos de? interes?, app, apnp
        antecedentes medicos y|o|e quirurgicos, antecedentes personales y patologicos
        antecedentes medico quirurgicos, antecedentes clinicos
        intervenciones quirurgicas previas, antecedentes de interes, historia medica previa?
        historia previa, patologias previas, historia medica pasada, historial medico
        intervenciones quirurgicas, cirugias previas""",
    ),
    (
        None,
        """enfermedad|historia|situacion actual, historia de la enfermedad actual
        motivo de consulta, motivo de ingreso|la consulta|derivacion, exploracion
        exploracion fisica|clinica|general, exploracion neurologica|abdominal, examen fisico
        diagnostico, diagnosticos, juicio clinico, juicio diagnostico, impresion diagnostica
        diagnostico principal|secundario|clinico|final, tratamiento
        tratamiento al alta|actual|habitual|domiciliario|medico, plan, evolucion
        evolucion clinica, comentario|comentarios|discusion|conclusion|conclusiones, anamnesis
        pruebas complementarias|realizadas|diagnosticas, exploraciones|examenes complementarias
        examenes complementarios|auxiliares
        analitica|laboratorio|analisis|ecografia|radiografia, procedimiento|procedimientos
        procedimiento quirurgico, recomendaciones, medicacion actual, medicacion habitual?
        habitos, habitos toxicos, alergias, situacion basal, antecedentes epidemiologicos
        antecedentes sociales, historia social, constantes, signos vitales, alta""",
    ),
)

_RESUMES = """acude, acudio, ingresa, ingreso, consulta, consulto, presenta, presento, refiere
    actualmente, el? paciente acude|ingresa|consulta|presenta|refiere|que
    la paciente acude|presenta, la paciente ingresa|consulta|refiere, en la actualidad, desde
    hace # dias|semanas, a la exploracion, en la exploracion, se trata, inicia, comienza, mujer
    varon, paciente, nino, nina"""

RULES = Rules(
    cues=(*_NEGATED, *_NEGATED_PAST, *_STOPS, *_FAMILY, *_HISTORICAL, *_HYPOTHETICAL),
    pseudo=_PSEUDO,
    headings=_HEADINGS,
    resumes=_RESUMES,
    numbers=frozenset(
        "un una uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
        "quince dieciseis diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta "
        "media medio varios varias unos unas pocos pocas muchos muchas algunos algunas".split()
    ),
)
