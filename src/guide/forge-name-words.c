/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-name-words.h"

#include <string.h>

/*
 * Words of channel names: codes that providers put before names (many are not ISO 3166: SP, SW,
 * EXYU …), quality tokens and tags (facts: "Quality tokens"), spellings and abbreviations. All of
 * it is general knowledge of the field; no channel list is stored here.
 */

#define ARAB   "ae sa qa eg iq jo kw lb ly ma dz tn om bh sy ye sd ps mr"
#define LATIN  "mx ar co cl pe ve ec uy py bo cr pa gt hn ni sv do pr cu"
#define EX_YU  "rs hr ba si me mk xk"
#define BALKAN "rs hr ba si me mk xk al bg"
#define AFRICA "za ng gh ke et er ug tz sn ci cm cd ml gn gm ga bf bj tg rw ao mz zw zm mg mu cv so"
#define EUROPE \
  "de at ch fr be nl lu it es pt pl cz sk hu ro bg gr cy se no dk fi ie uk rs hr ba si mk me al xk ru"
#define KURD      "iq sy ir"
#define CARIBBEAN "jm tt bb bs ht do pr cu gy"
#define ASIA      "cn hk tw jp kr vn th ph id my sg kh mm la"

#define ALIAS(word, to)        \
  {                            \
    word, FORGE_WORD_ALIAS, to \
  }
#define CODE(word, country)        \
  {                                \
    word, FORGE_WORD_CODE, country \
  }
#define COUNTRY(word, country)        \
  {                                   \
    word, FORGE_WORD_COUNTRY, country \
  }
#define GROUP(word, countries)        \
  {                                   \
    word, FORGE_WORD_GROUP, countries \
  }
#define LABEL(word)              \
  {                              \
    word, FORGE_WORD_LABEL, NULL \
  }
#define QUALITY(word)              \
  {                                \
    word, FORGE_WORD_QUALITY, NULL \
  }
#define TAG(word)              \
  {                            \
    word, FORGE_WORD_TAG, NULL \
  }
#define FILLER(word)              \
  {                               \
    word, FORGE_WORD_FILLER, NULL \
  }
#define NUMBER(word, digits)        \
  {                                 \
    word, FORGE_WORD_NUMBER, digits \
  }
#define REGION(word, region)        \
  {                                 \
    word, FORGE_WORD_REGION, region \
  }
#define DESCRIPTOR(word)              \
  {                                   \
    word, FORGE_WORD_DESCRIPTOR, NULL \
  }

/* Sorted by word (strcmp): forge_word_find () searches by halves. */
/* clang-format off */
static const ForgeWord words[] = {
  QUALITY ("1080"), QUALITY ("1080i"), QUALITY ("1080i50"), QUALITY ("1080p"), QUALITY ("1080p50"), QUALITY ("1080p60"), QUALITY ("1280x720"), QUALITY ("1440p"), QUALITY ("1920x1080"), QUALITY ("2160i"), QUALITY ("2160p"),
  QUALITY ("2160p50"), QUALITY ("2160p60"), QUALITY ("240p"), TAG ("25fps"), TAG ("30fps"), QUALITY ("360p"), QUALITY ("3840p"), QUALITY ("3840x2160"), QUALITY ("4320p"), QUALITY ("480i"), QUALITY ("480p"),
  QUALITY ("4k"), QUALITY ("4kuhd"), TAG ("50fps"), QUALITY ("540p"), QUALITY ("576i"),
  QUALITY ("576p"), TAG ("60fps"), QUALITY ("720"), QUALITY ("720p"), QUALITY ("720p50"), QUALITY ("720p60"), QUALITY ("7680x4320"), QUALITY ("8k"),
  TAG ("ac3"), DESCRIPTOR ("action"), LABEL ("adult"), CODE ("ae", "ae"), CODE ("af", "af"),
  CODE ("afg", "af"), COUNTRY ("afghanistan", "af"), GROUP ("afr", AFRICA),
  GROUP ("africa", AFRICA), CODE ("ago", "ao"), CODE ("al", "al"), CODE ("alb", "al"),
  COUNTRY ("albania", "al"), GROUP ("albanian", "al xk"), COUNTRY ("alemania", "de"),
  CODE ("alg", "dz"), COUNTRY ("algeria", "dz"), COUNTRY ("algerie", "dz"),
  COUNTRY ("allemagne", "de"), TAG ("alt"), CODE ("am", "am"), DESCRIPTOR ("america"),
  COUNTRY ("angola", "ao"), DESCRIPTOR ("anime"), GROUP ("anz", "au nz"), CODE ("ao", "ao"),
  GROUP ("ar", ARAB), GROUP ("ara", ARAB), GROUP ("arab", ARAB), GROUP ("arabia", ARAB),
  GROUP ("arabic", ARAB), CODE ("arg", "ar"), COUNTRY ("argentina", "ar"), CODE ("arm", "am"),
  COUNTRY ("armenia", "am"), GROUP ("asia", ASIA), CODE ("at", "at"), TAG ("atmos"),
  CODE ("au", "au"), CODE ("aus", "au"), COUNTRY ("australia", "au"), COUNTRY ("austria", "at"),
  CODE ("aut", "at"), TAG ("av1"), TAG ("avc"), CODE ("az", "az"), CODE ("aze", "az"),
  COUNTRY ("azerbaijan", "az"), CODE ("ba", "ba"), TAG ("backup"), COUNTRY ("bahamas", "bs"),
  COUNTRY ("bahrain", "bh"), GROUP ("balkan", BALKAN), GROUP ("balkans", BALKAN),
  GROUP ("baltic", "ee lv lt"), GROUP ("baltics", "ee lv lt"), CODE ("ban", "bd"),
  GROUP ("bangla", "in bd"), COUNTRY ("bangladesh", "bd"), COUNTRY ("barbados", "bb"),
  CODE ("bb", "bb"), CODE ("bd", "bd"), CODE ("be", "be"), CODE ("bel", "be"),
  COUNTRY ("belarus", "by"), COUNTRY ("belgie", "be"), COUNTRY ("belgique", "be"),
  COUNTRY ("belgium", "be"), CODE ("ben", "bj"), GROUP ("benelux", "nl be lu"),
  GROUP ("bengali", "in bd"), COUNTRY ("benin", "bj"), CODE ("bf", "bf"), CODE ("bfa", "bf"),
  CODE ("bg", "bg"), CODE ("bgd", "bd"), CODE ("bgr", "bg"), CODE ("bh", "bh"),
  CODE ("bhr", "bh"), CODE ("bhs", "bs"), CODE ("bih", "ba"), CODE ("bj", "bj"), TAG ("bk"),
  TAG ("bkup"), CODE ("blr", "by"), CODE ("bo", "bo"), CODE ("bol", "bo"),
  COUNTRY ("bolivia", "bo"), COUNTRY ("bosnia", "ba"), CODE ("br", "br"), CODE ("bra", "br"),
  COUNTRY ("brasil", "br"), COUNTRY ("brazil", "br"), CODE ("brb", "bb"),
  COUNTRY ("britain", "uk"), CODE ("bs", "bs"), CODE ("bul", "bg"), COUNTRY ("bulgaria", "bg"),
  COUNTRY ("burkinafaso", "bf"), DESCRIPTOR ("business"), CODE ("by", "by"), CODE ("ca", "ca"),
  COUNTRY ("caboverde", "cv"), COUNTRY ("cambodia", "kh"), COUNTRY ("cameroon", "cm"),
  COUNTRY ("cameroun", "cm"), CODE ("can", "ca"), COUNTRY ("canada", "ca"), FILLER ("canal"),
  GROUP ("car", CARIBBEAN), GROUP ("carib", CARIBBEAN), GROUP ("caribbean", CARIBBEAN),
  DESCRIPTOR ("cartoon"), CODE ("cd", "cd"),
  GROUP ("cee", "pl cz sk hu ro bg rs hr ba si mk me de"), GROUP ("centralamerica", LATIN),
  ALIAS ("centre", "center"), CODE ("ch", "ch"), FILLER ("channel"), COUNTRY ("chile", "cl"),
  COUNTRY ("china", "cn"), CODE ("chl", "cl"), CODE ("chn", "cn"), CODE ("ci", "ci"),
  DESCRIPTOR ("cinema"), NUMBER ("cinque", "5"),
  GROUP ("cis", "ru ua by kz ge am az uz tj tm kg md"), CODE ("civ", "ci"), CODE ("cl", "cl"),
  DESCRIPTOR ("classic"), DESCRIPTOR ("classics"), CODE ("cm", "cm"), CODE ("cmr", "cm"),
  CODE ("cn", "cn"), CODE ("co", "co"), CODE ("cod", "cd"), CODE ("col", "co"),
  COUNTRY ("colombia", "co"), ALIAS ("colour", "color"), DESCRIPTOR ("comedy"),
  COUNTRY ("congo", "cd"), COUNTRY ("costarica", "cr"), COUNTRY ("cotedivoire", "ci"),
  CODE ("cpv", "cv"), CODE ("cr", "cr"), CODE ("crc", "cr"), DESCRIPTOR ("crime"),
  CODE ("cro", "hr"), COUNTRY ("croatia", "hr"), FILLER ("csatorna"), ALIAS ("ctr", "center"),
  CODE ("cu", "cu"), NUMBER ("cuatro", "4"), CODE ("cub", "cu"), COUNTRY ("cuba", "cu"),
  CODE ("cv", "cv"), CODE ("cy", "cy"), CODE ("cyp", "cy"), COUNTRY ("cyprus", "cy"),
  CODE ("cz", "cz"), CODE ("cze", "cz"), COUNTRY ("czech", "cz"), COUNTRY ("czechia", "cz"),
  COUNTRY ("czechrepublic", "cz"), GROUP ("d", "de"), GROUP ("dach", "de at ch"),
  DESCRIPTOR ("dance"), COUNTRY ("danmark", "dk"), CODE ("de", "de"), CODE ("den", "dk"),
  COUNTRY ("denmark", "dk"), ALIAS ("deportes", "deporte"), ALIAS ("deutsch", "german"),
  COUNTRY ("deutschland", "de"), NUMBER ("deux", "2"), CODE ("dk", "dk"), CODE ("dnk", "dk"),
  CODE ("do", "do"), ALIAS ("documentales", "documental"),
  ALIAS ("documentaries", "documentary"), DESCRIPTOR ("documentary"), ALIAS ("doku", "dokument"),
  TAG ("dolby"), CODE ("dom", "do"), COUNTRY ("dominicanrepublic", "do"), NUMBER ("dos", "2"),
  CODE ("dr", "do"), DESCRIPTOR ("drama"), TAG ("dts"), NUMBER ("due", "2"),
  GROUP ("dutch", "nl be"), CODE ("dz", "dz"), CODE ("dza", "dz"), TAG ("eac3"),
  REGION ("east", "e"), REGION ("eastern", "e"), REGION ("easternfeed", "e"),
  REGION ("eastfeed", "e"), CODE ("ec", "ec"), CODE ("ecu", "ec"), COUNTRY ("ecuador", "ec"),
  ALIAS ("educational", "education"), CODE ("ee", "ee"), CODE ("eg", "eg"), CODE ("egy", "eg"),
  COUNTRY ("egypt", "eg"), NUMBER ("eight", "8"), NUMBER ("eins", "1"),
  COUNTRY ("elsalvador", "sv"), COUNTRY ("emirates", "ae"), GROUP ("en", "uk us ie"),
  GROUP ("eng", "uk us ie"), GROUP ("english", "uk us ie"), DESCRIPTOR ("entertainment"),
  CODE ("er", "er"), CODE ("eri", "er"), COUNTRY ("eritrea", "er"), CODE ("es", "es"),
  CODE ("esp", "es"), COUNTRY ("espana", "es"), ALIAS ("espanol", "spanish"),
  ALIAS ("espanola", "spanish"), ALIAS ("esportes", "esporte"), CODE ("est", "ee"),
  COUNTRY ("estonia", "ee"), CODE ("et", "et"), CODE ("eth", "et"), COUNTRY ("ethiopia", "et"),
  GROUP ("eu", EUROPE), GROUP ("europa", EUROPE), GROUP ("europe", EUROPE),
  ALIAS ("eurosp", "eurosport"), DESCRIPTOR ("extra"), GROUP ("exyu", EX_YU), GROUP ("f", "fr"),
  ALIAS ("f2", "france 2"), ALIAS ("f3", "france 3"), ALIAS ("f4", "france 4"),
  ALIAS ("f5", "france 5"), DESCRIPTOR ("family"), GROUP ("farsi", "ir af"), TAG ("feed"),
  QUALITY ("fhd"), QUALITY ("fhdtv"), CODE ("fi", "fi"), DESCRIPTOR ("film"), CODE ("fin", "fi"),
  COUNTRY ("finland", "fi"), NUMBER ("five", "5"), DESCRIPTOR ("food"), DESCRIPTOR ("football"),
  NUMBER ("four", "4"), TAG ("fps"), CODE ("fr", "fr"), ALIAS ("fr2", "france 2"),
  ALIAS ("fr3", "france 3"), ALIAS ("fr4", "france 4"), ALIAS ("fr5", "france 5"),
  CODE ("fra", "fr"), ALIAS ("francais", "french"), COUNTRY ("france", "fr"),
  COUNTRY ("francia", "fr"), GROUP ("french", "fr be ch"), ALIAS ("fs", "fernsehen"),
  QUALITY ("fuhd"), QUALITY ("fullhd"), CODE ("ga", "ga"), CODE ("gab", "ga"), COUNTRY ("gabon", "ga"),
  COUNTRY ("gambia", "gm"), DESCRIPTOR ("game"), DESCRIPTOR ("games"), CODE ("gb", "uk"),
  CODE ("gbr", "uk"), CODE ("ge", "ge"), ALIAS ("geo", "geographic"), TAG ("geoblocked"),
  COUNTRY ("georgia", "ge"), CODE ("ger", "de"), GROUP ("german", "de at ch"),
  COUNTRY ("germany", "de"), CODE ("gh", "gh"), CODE ("gha", "gh"), COUNTRY ("ghana", "gh"),
  CODE ("gin", "gn"), CODE ("gm", "gm"), CODE ("gmb", "gm"), CODE ("gn", "gn"),
  DESCRIPTOR ("gold"), DESCRIPTOR ("golf"), CODE ("gr", "gr"), CODE ("grc", "gr"),
  CODE ("gre", "gr"), COUNTRY ("greece", "gr"), GROUP ("greek", "gr"), CODE ("gt", "gt"),
  CODE ("gua", "gt"), COUNTRY ("guatemala", "gt"), COUNTRY ("guinea", "gn"),
  COUNTRY ("guinee", "gn"), GROUP ("gujarati", "in"), CODE ("guy", "gy"),
  COUNTRY ("guyana", "gy"), CODE ("gy", "gy"), TAG ("h.265"), TAG ("h264"), TAG ("h265"),
  COUNTRY ("haiti", "ht"), ALIAS ("hbo2", "hbo 2"), QUALITY ("hd"), QUALITY ("hd1080"), TAG ("hdr"), TAG ("hdr10"),
  QUALITY ("hdtv"), COUNTRY ("hellas", "gr"), TAG ("hevc"), GROUP ("hindi", "in"),
  GROUP ("hispanicamerica", LATIN), DESCRIPTOR ("history"), DESCRIPTOR ("hit"),
  DESCRIPTOR ("hits"), CODE ("hk", "hk"), CODE ("hkg", "hk"), TAG ("hlg"), CODE ("hn", "hn"),
  COUNTRY ("holland", "nl"), DESCRIPTOR ("home"), CODE ("hon", "hn"), COUNTRY ("honduras", "hn"),
  COUNTRY ("hongkong", "hk"), DESCRIPTOR ("horror"), QUALITY ("hq"), CODE ("hr", "hr"),
  CODE ("hrv", "hr"), COUNTRY ("hrvatska", "hr"), CODE ("ht", "ht"), CODE ("hti", "ht"),
  CODE ("hu", "hu"), CODE ("hun", "hu"), COUNTRY ("hungary", "hu"), GROUP ("i", "it"),
  COUNTRY ("iceland", "is"), CODE ("id", "id"), CODE ("idn", "id"), CODE ("ie", "ie"),
  NUMBER ("ii", "2"), NUMBER ("iii", "3"), CODE ("il", "il"), CODE ("in", "in"),
  CODE ("ind", "in"), COUNTRY ("india", "in"), COUNTRY ("indonesia", "id"),
  ALIAS ("int", "international"), ALIAS ("internacional", "international"),
  DESCRIPTOR ("international"), ALIAS ("internationale", "international"),
  ALIAS ("intl", "international"), ALIAS ("intr", "international"), TAG ("iptv"),
  CODE ("iq", "iq"), CODE ("ir", "ir"), COUNTRY ("iran", "ir"), COUNTRY ("iraq", "iq"),
  COUNTRY ("ireland", "ie"), COUNTRY ("irl", "ie"), CODE ("irn", "ir"), CODE ("irq", "iq"),
  CODE ("is", "is"), CODE ("isl", "is"), CODE ("isr", "il"), COUNTRY ("israel", "il"),
  CODE ("it", "it"), CODE ("ita", "it"), COUNTRY ("italia", "it"), GROUP ("italian", "it"),
  COUNTRY ("italy", "it"), NUMBER ("iv", "4"), COUNTRY ("ivorycoast", "ci"), CODE ("jam", "jm"),
  COUNTRY ("jamaica", "jm"), COUNTRY ("japan", "jp"), CODE ("jm", "jm"), CODE ("jo", "jo"),
  CODE ("jor", "jo"), COUNTRY ("jordan", "jo"), CODE ("jp", "jp"), CODE ("jpn", "jp"),
  ALIAS ("jr", "junior"), DESCRIPTOR ("junior"), FILLER ("kanal"), FILLER ("kanalas"),
  FILLER ("kanali"), FILLER ("kanava"), GROUP ("kannada", "in"), CODE ("kaz", "kz"),
  COUNTRY ("kazakhstan", "kz"), CODE ("ke", "ke"), CODE ("ken", "ke"), COUNTRY ("kenya", "ke"),
  CODE ("kg", "kg"), CODE ("kgz", "kg"), CODE ("kh", "kh"), CODE ("khm", "kh"),
  DESCRIPTOR ("kid"), DESCRIPTOR ("kids"), CODE ("kor", "kr"), COUNTRY ("korea", "kr"),
  CODE ("kos", "xk"), COUNTRY ("kosova", "xk"), COUNTRY ("kosovo", "xk"), CODE ("kr", "kr"),
  CODE ("ks", "xk"), COUNTRY ("ksa", "sa"), GROUP ("kur", KURD), GROUP ("kurd", KURD),
  GROUP ("kurdish", KURD), GROUP ("kurdistan", KURD), COUNTRY ("kuwait", "kw"),
  CODE ("kw", "kw"), CODE ("kwt", "kw"), COUNTRY ("kyrgyzstan", "kg"), CODE ("kz", "kz"),
  CODE ("la", "la"), GROUP ("lam", LATIN), CODE ("lao", "la"), COUNTRY ("laos", "la"),
  GROUP ("lat", LATIN), GROUP ("latam", LATIN), GROUP ("latin", LATIN),
  GROUP ("latinamerica", LATIN), GROUP ("latino", LATIN), COUNTRY ("latvia", "lv"),
  CODE ("lb", "lb"), CODE ("lbn", "lb"), CODE ("lby", "ly"), COUNTRY ("lebanon", "lb"),
  COUNTRY ("libya", "ly"), DESCRIPTOR ("life"), ALIAS ("lincs", "lincolnshire"),
  COUNTRY ("lithuania", "lt"), DESCRIPTOR ("live"), CODE ("lk", "lk"), TAG ("lq"),
  CODE ("lt", "lt"), CODE ("ltu", "lt"), CODE ("lu", "lu"), CODE ("lux", "lu"),
  COUNTRY ("luxembourg", "lu"), CODE ("lv", "lv"), CODE ("lva", "lv"), CODE ("ly", "ly"),
  CODE ("ma", "ma"), COUNTRY ("macedonia", "mk"), COUNTRY ("madagascar", "mg"),
  COUNTRY ("magyarorszag", "hu"), GROUP ("malayalam", "in"), COUNTRY ("malaysia", "my"),
  COUNTRY ("mali", "ml"), COUNTRY ("malta", "mt"), CODE ("mar", "ma"), GROUP ("marathi", "in"),
  COUNTRY ("maroc", "ma"), COUNTRY ("mauritania", "mr"), COUNTRY ("mauritius", "mu"),
  DESCRIPTOR ("max"), GROUP ("mbc", ARAB), ALIAS ("mcr", "manchester"), CODE ("md", "md"),
  CODE ("mda", "md"), CODE ("mdg", "mg"), CODE ("me", "me"), GROUP ("mena", ARAB),
  CODE ("mex", "mx"), COUNTRY ("mexico", "mx"), CODE ("mg", "mg"), GROUP ("middleeast", ARAB),
  ALIAS ("mids", "midlands"), DESCRIPTOR ("mix"), CODE ("mk", "mk"), CODE ("mkd", "mk"),
  CODE ("ml", "ml"), CODE ("mli", "ml"), CODE ("mlt", "mt"), CODE ("mm", "mm"),
  CODE ("mmr", "mm"), CODE ("mn", "mn"), CODE ("mne", "me"), CODE ("mng", "mn"),
  COUNTRY ("moldova", "md"), COUNTRY ("mongolia", "mn"), COUNTRY ("montenegro", "me"),
  COUNTRY ("morocco", "ma"), REGION ("mountain", "m"), DESCRIPTOR ("movie"),
  DESCRIPTOR ("movies"), CODE ("moz", "mz"), COUNTRY ("mozambique", "mz"), CODE ("mr", "mr"),
  CODE ("mrt", "mr"), CODE ("mt", "mt"), ALIAS ("mtn", "mountain"), CODE ("mu", "mu"),
  TAG ("multi"), CODE ("mus", "mu"), DESCRIPTOR ("music"), CODE ("mx", "mx"), CODE ("my", "my"),
  COUNTRY ("myanmar", "mm"), GROUP ("myhd", ARAB), CODE ("mys", "my"), CODE ("mz", "mz"),
  GROUP ("n", "nl"), ALIAS ("nat", "national"), ALIAS ("natgeo", "national geographic"),
  DESCRIPTOR ("nature"), ALIAS ("ndrs", "ndr"), ALIAS ("nds", "niedersachsen"),
  CODE ("ned", "nl"), COUNTRY ("nederland", "nl"), CODE ("nep", "np"), COUNTRY ("nepal", "np"),
  COUNTRY ("netherlands", "nl"), FILLER ("network"), ALIAS ("netwrk", "network"),
  DESCRIPTOR ("news"), COUNTRY ("newzealand", "nz"), DESCRIPTOR ("next"), CODE ("ng", "ng"),
  CODE ("nga", "ng"), ALIAS ("ngc", "national geographic"), CODE ("ni", "ni"),
  CODE ("nic", "ni"), COUNTRY ("nicaragua", "ni"), COUNTRY ("nigeria", "ng"),
  NUMBER ("nine", "9"), ALIAS ("nireland", "northern ireland"), CODE ("nl", "nl"),
  CODE ("nld", "nl"), CODE ("no", "no"), CODE ("nor", "no"), GROUP ("nordic", "se no dk fi is"),
  GROUP ("nordics", "se no dk fi is"), COUNTRY ("norge", "no"), COUNTRY ("norway", "no"),
  DESCRIPTOR ("now"), CODE ("np", "np"), CODE ("nz", "nz"), CODE ("nzl", "nz"),
  GROUP ("oceania", "au nz"), CODE ("om", "om"), COUNTRY ("oman", "om"), CODE ("omn", "om"),
  NUMBER ("one", "1"), GROUP ("osn", ARAB), COUNTRY ("osterreich", "at"), TAG ("ott"),
  CODE ("pa", "pa"), REGION ("pacific", "w"), REGION ("pacificfeed", "w"),
  REGION ("pacifico", "w"), CODE ("pak", "pk"), COUNTRY ("pakistan", "pk"), CODE ("pal", "ps"),
  COUNTRY ("palestine", "ps"), CODE ("pan", "pa"), COUNTRY ("panama", "pa"), CODE ("par", "py"),
  COUNTRY ("paraguay", "py"), CODE ("pe", "pe"), CODE ("per", "pe"), GROUP ("persian", "ir af"),
  COUNTRY ("peru", "pe"), CODE ("ph", "ph"), COUNTRY ("philippines", "ph"), CODE ("phl", "ph"),
  CODE ("pk", "pk"), CODE ("pl", "pl"), DESCRIPTOR ("plus"), CODE ("pol", "pl"),
  COUNTRY ("poland", "pl"), GROUP ("polish", "pl"), COUNTRY ("polska", "pl"), DESCRIPTOR ("pop"),
  CODE ("por", "pt"), COUNTRY ("portugal", "pt"), GROUP ("portuguese", "pt br"), LABEL ("ppv"),
  CODE ("pr", "pr"), DESCRIPTOR ("premium"), CODE ("pri", "pr"), DESCRIPTOR ("prime"),
  CODE ("ps", "ps"), CODE ("pt", "pt"), COUNTRY ("puertorico", "pr"), GROUP ("punjabi", "in pk"),
  CODE ("py", "py"), CODE ("qa", "qa"), CODE ("qat", "qa"), COUNTRY ("qatar", "qa"),
  QUALITY ("qfhd"), QUALITY ("qhd"), NUMBER ("quattro", "4"), GROUP ("quebec", "ca"), DESCRIPTOR ("racing"),
  TAG ("raw"), DESCRIPTOR ("reality"), FILLER ("rede"), DESCRIPTOR ("retro"), LABEL ("rk"),
  CODE ("ro", "ro"), DESCRIPTOR ("rock"), LABEL ("roku"), CODE ("rom", "ro"),
  DESCRIPTOR ("romance"), COUNTRY ("romania", "ro"), GROUP ("romanian", "ro md"),
  CODE ("rou", "ro"), CODE ("rs", "rs"), CODE ("rsa", "za"), CODE ("ru", "ru"),
  CODE ("rus", "ru"), COUNTRY ("russia", "ru"), GROUP ("russian", "ru"), CODE ("rw", "rw"),
  CODE ("rwa", "rw"), COUNTRY ("rwanda", "rw"), CODE ("sa", "sa"), COUNTRY ("saudi", "sa"),
  COUNTRY ("saudiarabia", "sa"), GROUP ("scan", "se no dk fi"),
  GROUP ("scandinavia", "se no dk fi"), COUNTRY ("schweiz", "ch"), DESCRIPTOR ("science"),
  QUALITY ("sd"), CODE ("sdn", "sd"), QUALITY ("sdtv"), CODE ("se", "se"), DESCRIPTOR ("select"),
  CODE ("sen", "sn"), COUNTRY ("senegal", "sn"), COUNTRY ("serbia", "rs"), DESCRIPTOR ("serie"),
  DESCRIPTOR ("series"), NUMBER ("seven", "7"), CODE ("sg", "sg"), CODE ("sgp", "sg"),
  DESCRIPTOR ("show"), COUNTRY ("shqiperia", "al"), CODE ("si", "si"),
  COUNTRY ("singapore", "sg"), NUMBER ("six", "6"), CODE ("sk", "sk"),
  ALIAS ("skysp", "sky sport"), CODE ("slk", "lk"), CODE ("slo", "si"),
  COUNTRY ("slovakia", "sk"), COUNTRY ("slovenia", "si"), COUNTRY ("slovenija", "si"),
  CODE ("slv", "sv"), CODE ("sn", "sn"), CODE ("so", "so"), CODE ("som", "so"),
  COUNTRY ("somalia", "so"), COUNTRY ("southafrica", "za"), GROUP ("sp", "es"),
  GROUP ("spa", "es"), COUNTRY ("spain", "es"), GROUP ("spanish", "es"), ALIAS ("spor", "sport"),
  DESCRIPTOR ("sport"), DESCRIPTOR ("sports"), ALIAS ("sprt", "sport"), ALIAS ("sprts", "sport"),
  ALIAS ("spt", "sport"), CODE ("sr", "sr"), CODE ("srb", "rs"), COUNTRY ("srbija", "rs"),
  COUNTRY ("srilanka", "lk"), TAG ("stb"), CODE ("su", "sr"), COUNTRY ("sudan", "sd"),
  CODE ("sui", "ch"), COUNTRY ("suisse", "ch"), COUNTRY ("suomi", "fi"),
  COUNTRY ("suriname", "sr"), CODE ("sv", "sv"), COUNTRY ("sverige", "se"), CODE ("svk", "sk"),
  CODE ("svn", "si"), GROUP ("sw", "se ch"), CODE ("swe", "se"), COUNTRY ("sweden", "se"),
  GROUP ("swi", "ch"), COUNTRY ("switzerland", "ch"), CODE ("sy", "sy"), CODE ("syr", "sy"),
  COUNTRY ("syria", "sy"), COUNTRY ("taiwan", "tw"), COUNTRY ("tajikistan", "tj"),
  GROUP ("tamil", "in lk"), COUNTRY ("tanzania", "tz"), FILLER ("telekanal"),
  FILLER ("televisao"), FILLER ("televisie"), FILLER ("televisio"), FILLER ("television"),
  FILLER ("televisione"), FILLER ("televize"), FILLER ("televizia"), FILLER ("televizija"),
  FILLER ("televizyon"), FILLER ("telewizja"), GROUP ("telugu", "in"), NUMBER ("ten", "10"),
  DESCRIPTOR ("tennis"), FILLER ("teve"), CODE ("tg", "tg"), CODE ("tgo", "tg"),
  CODE ("th", "th"), CODE ("tha", "th"), COUNTRY ("thailand", "th"), FILLER ("the"),
  ALIAS ("theatre", "theater"), NUMBER ("three", "3"), DESCRIPTOR ("thriller"),
  CODE ("tj", "tj"), CODE ("tjk", "tj"), CODE ("tkm", "tm"), CODE ("tm", "tm"),
  CODE ("tn", "tn"), DESCRIPTOR ("today"), COUNTRY ("togo", "tg"), CODE ("tr", "tr"),
  DESCRIPTOR ("travel"), COUNTRY ("trinidad", "tt"), NUMBER ("trois", "3"), CODE ("tt", "tt"),
  CODE ("tto", "tt"), CODE ("tun", "tn"), COUNTRY ("tunisia", "tn"), COUNTRY ("tunisie", "tn"),
  CODE ("tur", "tr"), ALIAS ("turkce", "turkish"), COUNTRY ("turkey", "tr"),
  GROUP ("turkish", "tr"), COUNTRY ("turkiye", "tr"), COUNTRY ("turkmenistan", "tm"),
  FILLER ("tv"), CODE ("tw", "tw"), CODE ("twn", "tw"), NUMBER ("two", "2"), CODE ("tz", "tz"),
  CODE ("tza", "tz"), CODE ("ua", "ua"), COUNTRY ("uae", "ae"), CODE ("ug", "ug"),
  CODE ("uga", "ug"), COUNTRY ("uganda", "ug"), QUALITY ("uhd"), QUALITY ("uhd4k"),
  QUALITY ("uhdtv"), CODE ("uk", "uk"), CODE ("ukr", "ua"), COUNTRY ("ukraina", "ua"),
  COUNTRY ("ukraine", "ua"), QUALITY ("ultrahd"), COUNTRY ("unitedkingdom", "uk"),
  COUNTRY ("unitedstates", "us"), ALIAS ("univ", "university"), NUMBER ("uno", "1"),
  GROUP ("urdu", "pk in"), CODE ("uru", "uy"), COUNTRY ("uruguay", "uy"), CODE ("us", "us"),
  COUNTRY ("usa", "us"), GROUP ("usl", "us"), CODE ("uy", "uy"), CODE ("uz", "uz"),
  CODE ("uzb", "uz"), COUNTRY ("uzbekistan", "uz"), CODE ("ve", "ve"), CODE ("ven", "ve"),
  COUNTRY ("venezuela", "ve"), CODE ("vie", "vn"), COUNTRY ("vietnam", "vn"), TAG ("vip"),
  CODE ("vn", "vn"), CODE ("vnm", "vn"), DESCRIPTOR ("weather"), REGION ("west", "w"),
  DESCRIPTOR ("western"), REGION ("westernfeed", "w"), REGION ("westfeed", "w"),
  ALIAS ("wkly", "weekly"), DESCRIPTOR ("world"), QUALITY ("wqhd"), TAG ("x264"), TAG ("x265"), CODE ("xk", "xk"),
  ALIAS ("xtra", "extra"), LABEL ("xxx"), CODE ("ye", "ye"), CODE ("yem", "ye"),
  COUNTRY ("yemen", "ye"), ALIAS ("yks", "yorkshire"), ALIAS ("yorks", "yorkshire"),
  GROUP ("yu", EX_YU), GROUP ("yug", EX_YU), CODE ("za", "za"), CODE ("zaf", "za"),
  COUNTRY ("zambia", "zm"), COUNTRY ("zimbabwe", "zw"), CODE ("zm", "zm"), CODE ("zmb", "zm"),
  DESCRIPTOR ("zone"), CODE ("zw", "zw"), CODE ("zwe", "zw"), NUMBER ("zwei", "2"),
  ALIAS ("اتش", "h"), ALIAS ("ار", "r"), ALIAS ("اس", "s"), ALIAS ("اف", "f"),
  ALIAS ("اكس", "x"), ALIAS ("ال", "l"), ALIAS ("ام", "m"), ALIAS ("ان", "n"), ALIAS ("او", "o"),
  ALIAS ("بي", "b"), ALIAS ("تلفزيون", "tv"), ALIAS ("تي", "t"), ALIAS ("جي", "g"),
  ALIAS ("دي", "d"), ALIAS ("سي", "c"), ALIAS ("في", "v"), ALIAS ("قناه", "channel"),
  ALIAS ("كي", "k"),
};
/* clang-format on */

const ForgeWord *
forge_word_find (const char *word)
{
  guint low = 0, high = G_N_ELEMENTS (words);

  while (low < high) {
    guint middle = (low + high) / 2;
    int order = strcmp (word, words[middle].word);

    if (order == 0)
      return &words[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

void
forge_word_add_countries (const ForgeWord *word, ForgeCountrySet *set)
{
  if (word->kind == FORGE_WORD_GROUP || word->kind == FORGE_WORD_CODE ||
      word->kind == FORGE_WORD_COUNTRY)
    forge_country_set_add_codes (set, word->becomes);
}

guint
forge_word_count (void)
{
  return G_N_ELEMENTS (words);
}

const ForgeWord *
forge_word_at (guint index)
{
  g_return_val_if_fail (index < G_N_ELEMENTS (words), NULL);
  return &words[index];
}
