"""The words that tell Cantonese from Mandarin, and European languages from English.

Cantonese patterns are matched on Hong Kong characters, but many people write Cantonese in Simplified script,
and conversion cannot tell 系 from 係 there; so each pattern also names the Simplified form where they differ.
A weight of 1 means "this alone decides"; weaker marks only add up.
"""

import re

from knowledge.text.normalise import word_set

_SOLE = r"[几幾有一早晚差地景热熱终終观觀起焦重优優缺特站网網节節热熱弱卖賣盲要两兩三四五六七八九十半百\d]"
CANTONESE: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), weight)
    for pattern, weight in (
        (r"[嘅咗喺冇佢嚟乜啲嗰哋嘢睇畀攞搵揾諗谂瞓閂噉咁㗎喎啱嗮嘥揸咩嚿孭掟攰惗冚噃躝趌]", 1.0),
        (r"(?<![好行得])嘞", 1.0),
        (
            r"(?<=[一-鿿])[晒曬](?![太黑伤傷衣])|[傾倾](?![向斜销銷盆家])|^吓|老母|廢柴|早晨|^早呀|打邊爐|返(?:上一|返)",
            0.7,
        ),
        (r"唔(?![，,。.！!？?…~\s]|$)", 1.0),
        (
            r"有冇|得唔得|[係系]咪|[係系]唔[係系]|定[係系]|[净淨]係|净系(?!列)|就係|都係|我係|佢係|係咩|[係系][边邊]度",
            1.0,
        ),
        (r"(?<![關联聯关体體])係(?![數指])", 0.8),
        (r"(?:就|都|我|你|净|仲|真|唔)系(?![统列統主])|系(?:香港|深圳|广州|澳门|大陆|内地|呢|咁)", 0.6),
        (
            r"[边邊]度|(?:喺|去|响|響)[边邊](?![检檢境防关關疆])|(?<![这這那哪旁身两兩周])[边邊](?:[个個](?![人月小别別])|位|[间間]|科)",
            1.0,
        ),
        (rf"(?<!{_SOLE})[点點](?:[样樣]|算|解(?!锁|鎖)|搞|[做](?!完|好)|先[至得]|[计計]|知)", 1.0),
        (
            rf"(?<!{_SOLE})[点點](?:[办辦]|[补補]|[换換]|[续續]|申[请請]|交|填|去|[过過](?!击|擊)|返|用|[写寫]|先|收|排|行|走)",
            0.6,
        ),
        (r"(?:需)?要[点點](?:[样樣]|申[请請]|[办辦]|做|搞|先|填|交|补|補)", 0.8),
        (r"[几幾](?:多(?!年)|耐|[时時])|幾錢|几钱|[幾](?:好|貴|遠|大)", 0.9),
        (
            r"而家|依家|家[阵陣下]|[听聽]日|[寻尋琴噚]日|[嗰果]阵|成日(?![文语語本])|即[刻係系]|[仲](?:有|可以|要|得|未|差|[系係]|能)",
            1.0,
        ),
        (r"返(?:工|[学學]|[屋归歸]|[嚟黎]|去|大[陆陸]|香港|[乡鄉]下|[内內]地|[来來])", 0.7),
        (r"(?<![回往])返(?:深圳|[广廣]州|澳[门門]|[国國])", 0.5),
        (
            r"屋企|[细細]路|[细細]佬|老豆|[阿](?:妈|媽|爸|嫲|爷|爺|婆|公|哥|姐|妹)|隔[篱籬]|[个個]仔|囝囝|囡囡",
            0.8,
        ),
        (
            r"[倾傾](?:[偈计計]|两|兩|下)|得[闲閒]|[话話](?:我|你|俾|畀|比)|[话話]要|同埋|埋[单單]|唔該|慳|幫[襯衬]|攪掂|搞掂",
            1.0,
        ),
        (
            r"俾(?!斯|路)|[識识]唔|[先至]得(?=[呀啊㗎？?，。]|$)|[未](?:呀|吖)"
            r"|(?<=[一-鿿])[吖喇咋啩噶架](?=[？?！!。,， ]|$)",
            0.7,
        ),
        (r"(?<=[一-鿿])呀(?=[？?！!。,， ]|$)", 0.3),
        (r"(?<=[A-Za-z])呀(?=[？?！!。,， ]|$)|(?<![一等])下[啦先](?=[？?！!。,， ]|$)", 0.7),
        (r"(?:^|[^A-Za-z])[oO0](?:既|黎|系|係|个|個|徙)|(?<=[一-鿿])d(?=[一-鿿])|(?<=有)D(?=[一-鿿])", 1.0),
        (r"吾(?:知|系|係|得|使|到|可以|好|该|該|要|想|同|见|見)|甘样|甘樣|(?<=[要唔])黎", 0.8),
        (r"我[個个](?![人月儿])(?=[一-鿿A-Za-z])|(?:我|佢|你)[张張本](?=[一-鿿A-Za-z])", 0.5),
        (
            r"一[阵陣]間|[执執](?:到|返)|[趁]手|落[車机機]|(?:搭|坐)[紧緊]|[紧緊](?=[呀啊㗎]|$)|[过過]期[左]|[见見]左|左(?=未|点|點)",
            0.6,
        ),
        (r"[喇](?!嘛|叭)|[啦](?=$|[？?！!。])", 0.2),
        (r"同[個个][仔女]", 0.6),
        (r"[過]大海|着唔|[識识]得|[讲講]嘅|[识識]嘅|[幾][點]|同我|[未]攞|邊", 0.2),
    )
)
"""Pattern → weight as evidence of Cantonese."""

MANDARIN: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern), weight)
    for pattern, weight in (
        (
            r"什[么麼]|甚[么麼]|怎|[这這]|哪|咋|啥|咱|俺|多久|行不行?|[谁誰]|姥|娃|您|怎[么麼]|[没沒](?!收)",
            1.0,
        ),
        (
            r"[吗嗎]|那(?![霉])|他(?!命)|她|[说說](?![明])|多少|[现現]在|[给給]|[们們]|[东東]西|的[时時]候|(?<=[一-鿿])儿(?=[一-鿿])",
            0.7,
        ),
        (
            r"[吧呗]|[还還]|(?<=[一-鿿])[着著](?=[急呢])|[知]道|[别別](?=[的人去问])|[晚早]上|明天|昨天|今天|[刚剛]|[找](?=[谁不])",
            0.5,
        ),
        (r"的(?!士|确|確)|了|不(?!同|少|[过過])|是(?!否|但)|[把被]|在|[几幾][天个個年]|能|也", 0.35),
        (r"呢|和|[来來]|去|要|想|可以|看|[买買]|一[个個下]", 0.1),
    )
)
"""Pattern → weight as evidence of Mandarin (standard written Chinese)."""

GRAMMAR = re.compile(
    r"[我你您他她它们們的了吗嗎呢吧啊呀么麼嘅咗喺冇佢嚟唔咩啲乜嗰]|[这這那哪][个個里裡裏些边邊]|怎|多少|[几幾][个個天点點多时時耐]"
    r"|可以|能不|不能|要不|需要|是不|有没|有沒|如何|为什|為什|想|什[么麼]|哪|[办辦]不|行不|能否|是否|要求|[请請][问問]|[边邊]度|[点點][样樣算解]"
)
"""Words of Chinese grammar: with one of them, Chinese characters are a sentence and not a loan word."""

_WORDS = {
    "en": """a about after again ago all already also am an and any anyone are arent around as ask at away back
        bad be because been before being best better between both but by call came can cannot cant
        come could couldnt day days did didnt do does doesnt doing done dont down during each else
        enter ever every few find first for forgot friend from get getting give go goes going gonna
        good got had has hasnt have havent having he hello help her here hey his hour hours how i id
        if im in into is isnt it its ive just keep kids know last late leave left let like live long
        look lost make many may me more most much must my need needed needs new next no not now of
        off office old on once one only open or other our out over own pay please question same say
        she should since so some someone something soon speak staff stay still stop take tell than
        thank thanks that the their them then there these they thing this those through thx till
        time to today tomorrow tonight too travel two under until up us use very wait want was way
        we week weeks went were what whats when where which while who whose why wife will with
        within without wont work would wrong year years yes yesterday yet you your husband child
        children baby allowed apply lose lose bring renew fee cost hours long show husband's u r pls
        plz""",
    "fr": """le la les des un une est sont et ou où pour avec sans dans sur mon ma mes je tu nous vous ils elle
        que qui quoi comment combien quand pourquoi puis puis-je peux peut faut besoin faire ai avez
        avons suis être bonjour merci s'il svp du au aux en chine passeport quel quelle jours mois
        oui besoin d'un j'ai qu'est-ce""",
    "es": """el la los las un una es son y o para con sin en mi mis yo tú nosotros usted que qué quién cómo como
        cuánto cuándo dónde donde por porque puedo puede necesito necesita hacer tengo tiene estoy
        está hola gracias del al pasaporte días meses sí quiero visado cuanto cuesta hay""",
    "pt": """o os as um uma é são e ou para com sem em meu minha eu nós você que quem como quanto quando onde por
        porque posso pode preciso precisa fazer tenho tem estou está olá oi obrigado obrigada do da
        no na dos das ao dias meses sim quero passaporte visto não""",
    "it": """il lo la i gli le un uno una è sono e o per con senza in mio mia io noi voi che chi cosa come quanto
        quando dove perché posso può bisogno fare ho ha abbiamo sto ciao grazie del della di da nel
        giorni mesi sì voglio passaporto visto devo serve cinese restare tempo""",
    "de": """der die das den dem ein eine einen ist sind und oder für mit ohne in auf mein meine ich du wir sie
        ihr was wer wie wieviel wann wo warum kann können muss brauche brauchen habe haben bin hallo
        danke nach von zu im am reisepass tage monate ja nein möchte visum nicht lange bitte""",
    "nl": """de het een is zijn en of voor met zonder mijn ik je jij wij jullie wat wie hoe hoeveel wanneer waar
        waarom kan kunnen moet nodig heb hebben ben hallo dank bedankt naar van te dagen maanden ja
        nee wil paspoort niet""",
    "vi": """tôi bạn là và hoặc cho với không có của này ở đi làm được cần phải muốn bao nhiêu khi nào đâu tại
        sao thế xin chào cảm ơn hộ chiếu thị thực ngày tháng người toi ban khong duoc can phai muon
        ho chieu thi thuc""",
    "id": """saya anda kami kita ini itu dan atau untuk dengan tanpa di ke dari apa siapa bagaimana berapa kapan
        dimana mengapa bisa dapat perlu harus mau ingin punya tidak terima kasih halo paspor hari
        bulan ada yang orang boleh""",
    "tl": """ako ikaw kami tayo ang mga ng sa at o para may wala ba po paano magkano kailan saan bakit pwede
        kailangan gusto ko mo hindi salamat kumusta araw buwan""",
    "tr": """ben sen biz siz bu şu ve veya için ile ne kim nasıl kaç zaman nerede neden mi mı var yok gerekli
        gerekiyor istiyorum merhaba teşekkürler pasaport vize gün ay değil bir""",
    "pl": """ja ty my wy ten ta to i lub dla z bez w na mój moja co kto jak ile kiedy gdzie dlaczego czy mogę
        może potrzebuję muszę mam jest są dzień dobry dziękuję paszport wiza dni do nie się""",
    "sv": """jag du vi ni den det en ett är och eller för med utan i på min mitt vad vem hur när var varför kan
        måste behöver har hej tack till från dagar ja nej vill pass visum inte""",
}
STOP_WORDS: dict[str, frozenset[str]] = {code: word_set(words) for code, words in _WORDS.items()}
"""Frequent words of each Latin-script language, lower case."""

ENGLISH_WORDS = STOP_WORDS["en"]
"""Frequent words of English, apostrophes left out."""

GREETINGS: dict[str, str] = {
    word: code
    for code, words in {
        "en": "hello hi hey help human why how what when where who yes please sorry goodbye morning mornin evening "
        "heya hiya howdy yeah yep yup yepp yessir nope no nah noo sure right correct true exactly absolutely indeed "
        "affirmative negative fine alright good agreed deal wrong incorrect neither nothing disagree unwilling don't "
        "cancel stop nevermind undo restart reset abort skip repeat again pardon resend huh confusing explain "
        "continue english mandarin cantonese chinese complaint operator representative person documents suggestions "
        "thanks thank cheers great perfect awesome quit exit later farewell done stupid idiot moron garbage trash "
        "rubbish bored interesting amazing brilliant wow",
        "fr": "bonjour bonsoir merci salut",
        "es": "hola gracias ayuda",
        "pt": "olá obrigado obrigada",
        "it": "ciao grazie",
        "de": "hallo danke hilfe guten",
        "vi": "chào",
        "id": "halo",
        "tr": "merhaba",
        "pl": "cześć dziękuję",
        "nl": "bedankt",
        "sv": "hej tack",
    }.items()
    for word in words.split()
}
"""Words that name their language even when they stand alone."""

LOAN_WORDS = word_set(
    """visa visas passport passports ok okay app apps vip bb baby e-channel echannel e channel wechat
        alipay agent hi-fi id pdf email e-mail pin sim card cert check counter book booking online
        offline bye thx sticker permit address
        form copy photo upload login qr code pr hk mo tw cn usa uk"""
)
"""Latin words that Chinese writers use as their own: alone they show nothing about the language."""
