"""Common words of the languages that reach us, folded (no accents, lower case), for texts too short for statistics.

Promises: data, and the weights computed from it once: a word counts the less the more languages share it.
A language more is a line more.
May import: nothing.
"""

from __future__ import annotations

_WORDS = {
    "es": """
    recibido recepcion confirmo confirmamos remito remite remitimos vivo consultas dudas
    el la los las de que y en un una por con para no se su sus mi mis me es del al lo le les como mas pero ya o
    este esta estos estas esto ese esa eso si porque entre cuando muy sin sobre tambien hasta hay donde quien
    quienes desde todo todos toda todas nos durante uno ni contra otros otro otra otras ellos ellas ella ante
    antes algunos algo yo usted ustedes ud uds hola buenos buenas dias tardes noches gracias senor senora senores
    soy somos son estoy estamos estan fue fueron ser era tengo tiene tienen tenemos tuve quiero quiere quieren
    queremos quisiera necesito necesitamos necesita puedo puede pueden podemos podria podrian hacer hace hizo hago
    saber sabe saben dice dicen dijo dijeron mucho mucha muchos ayuda ayudar ayudenme favor hijo hija hijos
    hermano hermana esposo esposa mujer hombre anos ano mes meses semana semanas ayer hoy manana ahora cual cuales
    cuanto cuantos aqui alla alguien nadie nada nunca siempre vez veces despues mientras segun aun solo solamente
    peticion denuncia denunciar caso medida cautelar comision relatoria derechos humanos estado informe audiencia
    pagina respuesta consulta solicitud solicito solicitamos pregunta adjunto adjunta envio enviar enviamos mando
    correo carta documento documentos abogado abogada juez policia carcel preso detenido detenida desaparecido
    desaparecida gobierno pais saludo saludos atentamente cordialmente respetuosamente estimado estimada estimados
    estimadas urgente falta ayudan contesten respondan informacion informar recibir recibi recibieron llego
    llegaron amenaza amenazas mataron matar muerte miedo peligro vida casa barrio pueblo comunidad tierra tierras
    nuestro nuestra nuestros nuestras hacia tampoco cita plazo tramite expediente numero formulario subir portal
    contrasena clave entrar abrir aparece foto fotos testigos testigo prueba pruebas poder audio pantalla escrito
    nota oficio constancia resolucion sentencia foja x q xq pq porfa porfavor tmb ola aser alguna algun tal bueno
    buen dios
    """,
    "en": """
    the of and to a in is you that it he was for on are as with his they i at be this have from or one had by but
    not what all were we when your can said there use an each which she do how their if will up other about out
    many then them these so some her would make like him into time has look two more write go see no way could
    people my than been call who its now find did get come made may part our am any only also after us don't
    didn't can't won't i'm i've it's isn't doesn't wasn't hello hi dear good morning afternoon evening thanks
    thank please sir madam regards sincerely yours help need want know where why because while should must being
    does very just over before through between against without under again petition complaint case measure
    precautionary commission rapporteur rights human state report hearing form file filed filing lawyer court
    judge police prison jail arrested detained missing government country killed threat threats danger afraid
    brother sister mother father son daughter husband wife child children years year month months week weeks today
    tomorrow yesterday night still never always someone anybody nobody nothing something update status request
    submit submitted attach attached enclosed regarding concerning send sent receive received letter email answer
    reply response office question information kindly wish writing wrote ask asking tell told speak heard held
    took taken gone left pls plz u ur thx im dont cant wont hey ok login password account upload screenshot photo
    picture witness statement
    """,
    "pt": """
    recebido recebimento confirmo segue encaminho encaminhamos moro mora sumiu duvidas
    o a os as de que e em um uma por com para nao se seu sua seus suas meu minha meus minhas me do da dos das no
    na nos nas ao aos pelo pela pelos pelas lo lhe lhes como mais mas ja ou este esta isto esse essa isso aquele
    aquela sim porque entre quando muito muita muitos muitas sem sobre tambem ate ha onde quem desde todo todos
    toda todas durante nem contra outro outra outros outras eles elas ele ela ante antes algo eu voce voces vc vcs
    senhor senhora senhores sou somos sao estou estamos estao foi foram ser era tenho tem temos tive tinha quero
    quer queremos queria gostaria gostariamos preciso precisa precisamos posso pode podem podemos poderia poderiam
    fazer faz fez faco saber sabe sabem diz dizem disse disseram ajuda ajudar favor filho filha filhos irmao irma
    esposo esposa marido mulher homem anos ano mes meses semana semanas ontem hoje amanha agora qual quais quanto
    quantos aqui la alguem ninguem nada nunca sempre vez vezes depois enquanto segundo ainda so somente apenas
    peticao peticoes denuncia denunciar caso medida cautelar comissao relatoria direitos humanos estado relatorio
    audiencia pagina resposta consulta pedido solicito solicitamos pergunta anexo anexa envio enviar enviamos
    mando carta documento documentos advogado advogada juiz policia cadeia preso presa prisao detido detida
    desaparecido desaparecida governo pais ola oi bom boa dia tarde noite obrigado obrigada prezado prezada
    prezados prezadas caro cara abraco abracos atenciosamente cordialmente respeitosamente urgente informacao
    informacoes receber recebi recebemos recebida chegou ameaca ameacas mataram matar morte medo perigo vida casa
    bairro povo comunidade terra terras nosso nossa nossos nossas gente pra pro ta to tava num numa dele dela
    deles delas deste desta neste nesta nesse nessa disso disto aquilo pois entao sera seria fica ficou ficar
    sendo tendo havia houve prazo tramite processo numero formulario senha entrar abrir aparece testemunha
    testemunhas prova provas procuracao tela foto fotos oficio sentenca tbm tb blz pfv
    """,
    "fr": """
    le la les de des du un une et en que qui ne pas est il elle ils elles je tu nous vous on ce cet cette ces se
    sa son ses mon ma mes notre nos votre vos leur leurs au aux dans par pour sur avec sans sous plus mais ou donc
    car si comme tout toute tous toutes meme aussi bien tres peu y a ont suis es sommes etes sont etait etaient
    ete etre avoir ai as avons avez avait fait faire font peut peux peuvent pouvez pourrait pourriez veux veut
    voulons voudrais voudrions dois doit faut savoir sais sait dit disent bonjour bonsoir salut merci madame
    monsieur mesdames messieurs cordialement salutations veuillez agreer comment pourquoi quand quel quelle quels
    quelles quelqu personne rien jamais toujours encore deja apres avant pendant depuis contre chez entre vers
    jusqu parce lorsque petition requete plainte affaire mesure mesures conservatoire conservatoires commission
    rapporteur droits homme humains etat rapport audience formulaire page reponse demande question joint jointe
    ci-joint envoyer envoi courrier courriel lettre document documents avocat avocate juge police prison detenu
    detenue disparu disparue gouvernement pays frere soeur mere pere fils fille mari femme enfant enfants ans
    annee annees mois semaine semaines hier demain aujourd hui ici voisin voisine maison quartier peuple
    communaute terre terres vie mort peur danger menace menaces tue tuer svp stp c'est j'ai n'est d'un d'une qu'il
    l'etat m'a s'il suite aide aider besoin recu recevoir transmettre adresser attente numero dossier delai mot
    passe compte ouvrir attestation preuve preuves temoin temoins copie slt bjr celui celle ceux dont aucun aucune
    autre autres deux trois lui eux moi toi soi
    """,
    "it": """
    il lo la i gli le di che e un una in per con non si mi sono del della dei degli delle al alla ai alle dal
    dalla nel nella nei sul sulla come piu ma gia o questo questa questi queste se perche tra fra quando molto
    senza anche fino dove chi tutto tutti noi voi loro lui lei io egli buongiorno buonasera salve ciao grazie
    signore signora siamo siete ho ha hanno abbiamo avete voglio vorrei vorremmo posso puo possiamo potete
    potrebbe fare fa sapere dice aiuto favore figlio figlia fratello sorella marito moglie anni anno mese mesi
    ieri oggi domani ora quale quanto qui nessuno niente mai sempre dopo petizione denuncia caso commissione
    diritti umani stato rapporto udienza risposta richiesta domanda allego inviare lettera avvocato giudice
    polizia carcere detenuto governo paese cordiali saluti distinti gentile egregio spettabile essere stata
    informazioni assente ufficio gennaio posta accesso saro presso vostra vostro nostra nostro
    """,
    "ca": """
    el la els les de que i en un una per amb no es em som soc estem tinc tenim vull voldria volem puc pot poden
    podem fer fa aquest aquesta aquests aquestes com mes pero ja o si perque entre quan molt sense sobre tambe
    fins on qui des tot tots nosaltres vosaltres ells elles bon dia bona tarda gracies senyor senyora salutacions
    peticio dret drets estat comissio germa germana fill filla anys avui dema ahir ara aqui res mai sempre despres
    presentar saber meu meva seu seva al del pel dels als van ha
    """,
    "gl": """
    o a os as de que e en un unha por con para non se seu sua meu mina do da dos das no na nos nas ao aos polo
    pola como mais pero xa ou este esta isto porque cando moi sen sobre tamen ata onde quen desde todo todos vos
    eles ola bos dias boas tardes grazas senor senora son somos teno ten temos quero queremos podo pode facer fai
    saber axuda fillo filla irman hoxe mana onte agora aqui nada nunca sempre despois peticion dereitos xuiz xente
    eu vostede
    """,
    "ht": """
    mwen m ou w li l nou n yo y ki sa se pa nan ak pou te ap ta a an la lan yon youn gen genyen fe di konnen
    renmen vle kapab ka bezwen bonjou bonswa mesi anpil souple tanpri silvouple kote kouman kijan poukise poukisa
    kile le jan moun pitit fre manman papa kay lajan leta polis prizon jij avoka lapolis peyi ayiti kreyol dwa
    pwose petisyon ede m'ap ye jodi demen toujou janm anyen tout sou anba avek oswa men paske si pral tap lekol
    timoun fanm gason zam mouri touye rele voye resevwa kesyon papye repons ekri eksplike jwenn chache ale vini
    kounye deyo kap pap nap yap map wap ban bay
    """,
    "nl": """
    de het een en van ik te dat die in is niet op aan met voor zijn er maar om hem dan zou of wat mijn men dit zo
    door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu
    ge geen omdat iets worden toch al waren veel meer doen toen moet ben zonder kan hun dus alles onder ja werd
    wie goedendag goedemiddag beste geachte heer mevrouw dank bedankt alstublieft groeten vriendelijke wij ons
    onze kunnen graag vraag willen wil wilt informatie verzoek klacht rechten mensenrechten commissie advocaat
    rechter politie gevangenis broer zus vader moeder kind jaar maand welke afdeling melden kreeg vanwege vandaag
    morgen gisteren afwezig kantoor
    """,
    "de": """
    der die das und in den von zu mit sich des auf fur ist im dem nicht ein eine einen als auch es an werden aus
    er hat dass sie nach wird bei einer um am sind noch wie einem uber so zum war haben nur oder aber vor zur bis
    mehr durch man sein wurde sei ich wir ihr ihre ihren uns unsere mein meine hallo guten tag sehr geehrte damen
    herren danke bitte mochte mochten kann konnen kommission menschenrechte anwalt richter polizei gefangnis
    bruder schwester vater mutter kind jahr jahre grusse freundlichen frage antrag beschwerde moglich ob abwesend
    buro wo wann warum
    """,
    "gn": """
    che nde ha'e ore nande pee ha'ekuera ha ndive upe ko pe gui rehe hagua mba'e mba'eichapa mbae mbaeichapa
    aguyje aikuaase mavapepa moopa ikatu ane'e yvy yvyre oreko areko roguereko noromoiseei ko'aga koaga tetame
    tapicha kuna kuimba'e mita aikoteve pytyvo rogueru ojejuka ojapo oime ndaipori heta petei mokoi peteiteve avei
    katu anive rupi guive ndaikuaai
    """,
    "qu": """
    nuqa qam pay nuqanchik nuqayku paykuna kay chay imata imayna maypi hayka mana ari allin rimanakuykuna llaqta
    runa warmi wawa allpa yachay munani yanapay yanapawayku kuna manta wan pis sapa kunan paqarin qayna wiracocha
    sulpayki anay kichwata nukanchik alli puncha yupaychani mashi kapak
    """,
    "ay": """
    naya juma jupa jiwasa nanaka jupanaka aka uka kunsa kawki janiwa jisa suma jaqi warmi wawa marka uraqi
    yanapt'asita kamisaki yuspajarpa munta muntwa akham ukat aski uru
    """,
    "pap": """
    mi bo e nos boso nan ta tabata lo por ku pa den di un na no si tin mester ke sa kon dikon unda ken bon dia
    tardi nochi danki masha ayudo ruman yu mama tata polis hues prison derecho peticion pais hende kas awe mayan
    ayera
    """,
    "srn": """
    mi yu a wi unu den ben sa e o no na fu gi nanga taki tangi wani kan abi suma pikin brada sisa oso kondre
    skowtu lanti odi fa waka efu ma dati disi
    """,
    "pl": "nie to jest sie na do ze jak co tak za ja po ale czy prosze dziekuje dzien dobry mam moge chcialbym sprawie",
    "ro": "nu este si de la in cu pe un o va rog multumesc buna ziua domnule sunt am vreau pot pentru ca din mai care",
    "tr": "ve bir bu da de icin ile ben siz merhaba tesekkurler lutfen nasil var yok ama cok",
}

_COUNT: dict[str, int] = {}
_SETS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
for _language, _words in _SETS.items():
    for _word in _words:
        # close relatives of ours count as half a language: they must not blur what tells the four apart
        _COUNT[_word] = _COUNT.get(_word, 0) + (2 if _language in ("es", "en", "pt", "fr") else 1)

WEIGHTS: dict[str, tuple[tuple[str, float], ...]] = {}
"""word -> ((language, weight), ...); 1.0 where the word is of one language only."""
for _word, _count in _COUNT.items():
    _owners = [language for language, words in _SETS.items() if _word in words]
    _base = 1.0 if len(_owners) == 1 else (2.0 / max(_count, 2)) ** 1.3
    _scale = 0.45 if len(_word) == 1 else 1.0
    WEIGHTS[_word] = tuple((language, _base * _scale) for language in _owners)
