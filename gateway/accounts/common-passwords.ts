/**
 * What is tried first, among what is long enough: the words people lengthen, with and without their digits, and what
 * devices of this trade are delivered with.
 */
export const CommonPasswords: ReadonlySet<string> = new Set(
  `password passwordpassword passw password1234 password12345 password123456 password123! passw0rd1234 passwort
passwort1234 p@ssw0rd1234 p@ssword1234 mypassword123 mypassword newpassword newpassword1 newpassword12 secretpassword
letmein letmein12345 letmeinplease letmeinletmein welcome welcome12345 welcome123456 welcomehome welcome2026!
changeme changeme1234 changemenow! changeme12345 changemechangeme pleasechange pleasechangeme defaultpassword
administrator administrator1 administrator! administrator123 adminadmin adminadmin12 adminadminadmin admin1234567
admin123456789 admin12345678 rootrootroot rootroot1234 superuser1234 supervisor12 supervisor123 engineering1
operatoroperator operator1234 operator12345 engineer engineer1234 maintenance maintenance1 technician12 service12345
serviceservice qwerty123456 qwerty1234567 qwertyqwerty qwertyuiop12 qwertyuiop123 qwertzuiop12 qwertzuiop123
qwertyuiopasdf asdfghjkl123 asdfasdfasdf asdfghjklasdf zxcvbnmzxcvb zxcvbnm12345 zaq12wsxcde3 1qaz2wsx3edc
1qaz2wsx3edc4rfv qazwsxedcrfv qazwsxedc123 1q2w3e4r5t6y 1q2w3e4r5t6y7u a1b2c3d4e5f6 abcd12345678 abcdefg12345
abc123abc123 abcabcabcabc aaaabbbbcccc 112233445566 121212121212 123123123123 123412341234 123456123456
1234567890ab 123456789abc 123456789qwe 12345678qwer 123qwe123qwe qwe123qwe123 987654321987 101010101010
111122223333 iloveyou iloveyou1234 iloveyou12345 iloveyouforever ilovemyfamily princess1234 sunshine1234
football1234 football12345 baseball1234 basketball12 liverpool123 liverpoolfc1 manchester12 michael12345
charlie12345 jordan123456 superman1234 batman123456 starwars1234 pokemon12345 dragon123456 monkey123456
computer1234 internet1234 samsung12345 whatever1234 trustno1trust trustnoone12 correcthorse correcthorsebatterystaple
correctbatteryhorsestaple thisisapassword thisismypassword iforgotmypassword nopassword123 temporary123 temppassword1
testtesttest testpassword testing12345 test12345678 guestguest12 useruseruser useruser1234 winter2026!! summer2026!!
autumn2026!! spring2026!! january2026! december2026 november2026 october2026! scadascada12 scadascadascada
plantoperator plantengineer siemenssiemens siemens12345 schneider123 rockwell1234 allenbradley modbusmodbus
waterworks12 watertreatment penstock1234 penstockpenstock`.split(/\s+/),
);
