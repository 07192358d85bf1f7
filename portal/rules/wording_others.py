"""How people ask for silence in other languages than English, French and Spanish: words alone, and a few phrases.

Written here as people write them, and compared in the folded form: `free_wording` folds them. The automatic answer is
in English.
"""

# The whole message, courtesy aside. A line for each language or family.
WHOLE = """
sair|parar|parem|pare|chega|cancelar inscrição|descadastrar|não quero mais|pare de enviar
stopp|abmelden|abbestellen|abmeldung|aufhören|schluss|austragen|keine sms mehr
keine nachrichten mehr
basta cosi|fermare|fermati|annulla|smettila|smettetela|disiscrivimi|cancellami|basta messaggi
basta sms
uitschrijven|afmelden|ophouden|genoeg|avsluta|stoppa|stopper|avmeld|sluta|afmeld|lopeta|peruuta
wypisz|wypisz mnie|rezygnuję|rezygnuje|koniec|dość|przestań|přestaňte|odhlásit|leiratkozás|elég
dezabonare|opriți
tigil|itigil|itigil na|itigil mo na|tama na|huwag na|dừng|dừng lại|hủy|huỷ|huy dang ky|hủy đăng ký
ngừng|berhenti|stop na po
dur|durdur|iptal|yeter|acha|joogso|jooji|kanpe|sispann|rete|ase|ndalo|mjaft|prestani|dosta
prestanite
стоп|отписаться|отписка|отпишите|хватит|прекратите|перестаньте|не пишите|не беспокоить|отмена
удалите меня
стій|припиніть|досить|відписатися|відписати|не пишіть|зупиніть|спри|престанете|престаните
退订|退訂|退订回t|停止|停|停止发送|停止發送|取消订阅|取消訂閱|不要发了|不要再发|不要再發|别发了
別再發|拒收|請停止|请停止|取消
解除|配信停止|停止してください|やめて|やめてください|退会|登録解除|もう送らないで
중지|수신거부|수신 거부|그만|그만하세요|그만 보내세요|멈춰|해지|구독취소|정지
توقف|توقفوا|إلغاء|إلغاء الاشتراك|الغاء الاشتراك|قف|إيقاف|ايقاف|كفى|أوقف|اوقفوا|لا ترسلوا|بس|متوقف
لغو|بند کرو|بند کریں|لغو اشتراک|نفرستید
रोकें|बंद करो|बंद करें|बन्द करो|मत भेजो|band karo|band kro|mat bhejo
ਬੰਦ ਕਰੋ|ਰੋਕੋ|ਬੰਦ|ਨਾ ਭੇਜੋ|বন্ধ করুন|বন্ধ করো|থামুন|நிறுத்து|நிறுத்தவும்|ఆపండి|બંધ કરો|रद्द करा|بند
הסר|הסירו|הפסק|תפסיקו|די|עצור|להסיר|σταματήστε|σταμάτα|διαγραφή|τέλος|หยุด|ยกเลิก|อย่าส่ง|դադարեցրեք
შეწყვიტეთ
""".strip().replace("\n", "|").split("|")
# Anywhere in a sentence.
SAID = """
pare de me enviar|parem de me enviar|parem de enviar|pare de enviar mensagens|não me envie mais
não me enviem mais
não me mande mais|não me mandem mais|não quero mais receber|não quero receber mensagens
não quero mais mensagens|número errado
não me contate|remova meu número|retire meu número|tire meu número|me tire da lista
me remova da lista
keine nachrichten mehr|keine sms mehr|hören sie auf|schreiben sie mir nicht|schreibt mir nicht mehr
nicht mehr schreiben|falsche nummer
keine weiteren nachrichten|lassen sie mich in ruhe|lass mich in ruhe|löschen sie meine nummer
non mandatemi più|non mandate più|non mi mandi più|non scrivetemi più|non scrivermi più
non voglio più ricevere|numero sbagliato
smettete di mandare|smettetela di mandarmi|smettila di scrivermi|cancellate il mio numero
basta con i messaggi|lasciatemi in pace
geen berichten meer|geen sms meer|stop met sturen|verkeerd nummer|stop met berichten
не пишите мне|не пишите больше|больше не пишите|не присылайте мне|не присылайте сообщения
не отправляйте мне|прекратите писать|прекратите присылать|прекратите слать
перестаньте присылать|перестаньте слать|перестаньте писать|хватит писать
не звоните и не пишите|удалите мой номер|уберите мой номер|вы ошиблись номером|не хочу получать
отпишите меня
не пишіть мені|більше не пишіть|не надсилайте мені|видаліть мій номер|не хочу отримувати
ви помилилися номером|припиніть писати
proszę nie pisać|nie piszcie|nie wysyłać sms|nie wysyłajcie sms|nie wysyłajcie wiadomości
pomyłka proszę|proszę usunąć mój numer|nie chcę otrzymywać
đừng nhắn tin|đừng gửi tin|không nhắn tin nữa|ngừng gửi tin|ngừng nhắn tin|xóa số của tôi|nhầm số
huwag na po kayong mag text|huwag na kayong mag text|huwag nyo na akong i text
huwag mo na akong i text|wag na kayo mag text
wag niyo na akong i text|tigilan nyo na|tigilan niyo na|tigilan mo na ako|pakitigil|wrong number po
mesaj göndermeyin|mesaj atmayın|bana yazmayın|pa voye mesaj|pa ekri m ankò|sispann voye
mujhe message mat|message mat bhejo|msg mat bhejo|message mat karo|message band karo
message na bhejo|mujhe text mat
""".strip().replace("\n", "|").split("|")
# The same in scripts that put no space between words, or little: found anywhere at all.
WITHIN = """
不要再发短信|不要再给我发短信|不要给我发短信|不要再给我发信息|不要再给我发消息|别再发短信
别给我发短信|别再给我发|请勿再发|不要再發短信|不要再發簡訊|不要再傳訊息|請勿再傳|不要再传|別再傳
別再發
不要发短信|停止给我发|停止發送訊息|停止发送短信
停止發送簡訊|停止發送短訊|停止发送信息|把我的号码删|删除我的号码|刪除我的號碼|發錯人|打错了
号码错了|不要联系我|不要再联系|不要再聯絡|不要联络
もう送らないで|送らないでください|メッセージを止めて|配信を停止|番号が違います|連絡しないで
送信を停止
문자 보내지|이상 보내지|연락하지 마|문자 그만|그만 보내|번호 삭제|잘못 보내|수신거부
لا ترسلوا لي|لا ترسل لي|لا تراسل|لا أريد رسائل|لا اريد رسائل|توقف عن إرسال|توقفوا عن إرسال|احذف رقمي
احذفوا رقمي|رقم خاطئ|لا تتصلوا|پیام ندهید|پیام نفرستید
मैसेज मत|संदेश मत|मेसेज मत|मैसेज बंद|मैसेज भेजना बंद|मुझे मत|मेरा नंबर हटा|ग़लत नंबर|गलत नंबर
ਮੈਸੇਜ ਨਾ|ਸੁਨੇਹੇ ਨਾ|ਮੈਸੇਜ ਬੰਦ|ਮੇਰਾ ਨੰਬਰ ਹਟਾ|ਗਲਤ ਨੰਬਰ|মেসেজ পাঠাবেন না|میسج نہ|میسج مت|میرا نمبر ہٹا
אל תשלחו|אל תשלח|תפסיקו לשלוח|הסירו אותי|תסירו אותי|טעות במספר|μη μου στέλνετε|μην μου στέλνετε
อย่าส่งข้อความ|หยุดส่ง|ไม่ต้องส่ง
""".strip().replace("\n", "|").split("|")
