"""What `gateway doctor` says, Vietnamese and English side by side: the one source of its texts.

The command line and the console's page of health both read them. A text in braces is filled in
with values; what the node itself reports as a fault is quoted as it came, in English.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text in both languages; empty where nothing is to be said."""

    vi: str = ""
    en: str = ""

    def filled(self, **values: object) -> "Text":
        """Return the text with *values* in the place of what stands in braces."""
        return Text(vi=self.vi.format(**values), en=self.en.format(**values))


#: What each check looks at.
TITLES = {
    "configuration": Text(vi="Cấu hình", en="Configuration"),
    "keys": Text(vi="Khóa và chứng thư của nút", en="Keys of the node"),
    "former": Text(vi="Chứng thư cũ", en="Former certificates"),
    "tls": Text(vi="Chứng thư TLS", en="TLS certificate"),
    "trust": Text(vi="Chứng thư tin cậy", en="Trusted certificates"),
    "calendar": Text(vi="Lịch làm việc", en="Working calendar"),
    "profiles": Text(vi="Quy chế áp dụng", en="Profiles"),
    "removal": Text(vi="Thời hạn lưu nội dung", en="Retention of content"),
    "disk": Text(vi="Ổ đĩa", en="Disk"),
    "bucket": Text(vi="Kho đối tượng", en="Bucket"),
    "store": Text(vi="Cơ sở dữ liệu", en="Database"),
    "clock": Text(vi="Đồng hồ", en="Clock"),
    "stamps": Text(vi="Dấu thời gian", en="Time stamps"),
    "listen": Text(vi="Cổng dịch vụ", en="Address"),
    "connections": Text(vi="Đường kết nối", en="Connections"),
    "offices": Text(vi="Phần mềm của đơn vị", en="Office systems"),
    "scanner": Text(vi="Quét mã độc", en="Malware scanner"),
    "incidents": Text(vi="Sự cố đang mở", en="Open incidents"),
    "archive": Text(vi="Lưu trữ nhật ký kiểm toán", en="Archive of the audit record"),
    "time": Text(vi="Máy chủ thời gian", en="Time servers"),
    "mail": Text(vi="Máy chủ thư", en="Mail server"),
}

#: How to mend a check that cannot be made at all.
REMEDIES = {
    "configuration": Text(
        vi="Sửa {file}; `gateway init` ghi đủ mọi khóa vào một thư mục mới.",
        en="mend {file}; `gateway init` shows every key in a new folder",
    ),
    "keys": Text(
        vi="Khôi phục khóa từ bản sao lưu; khóa mới không làm hồi báo cũ mất giá trị.",
        en="restore the keys from the backup; a new key makes old receipts no less valid",
    ),
    "former": Text(
        vi="Đặt lại chứng thư vào chỗ cũ, hoặc bỏ khỏi keys.former.",
        en="put the certificate back, or take it out of keys.former",
    ),
    "tls": Text(vi="Sửa [http] tls_certificate.", en="mend [http] tls_certificate"),
    "stamps": Text(
        vi="Xem nhật ký vì sao keys.tsa_url không cấp dấu; hồi báo vẫn được gửi.",
        en="see in the log why keys.tsa_url gives no stamp; receipts go out all the same",
    ),
    "trust": Text(
        vi="Tạo thư mục, hoặc bỏ khỏi signatures.trust.",
        en="make the folder, or take it out of signatures.trust",
    ),
    "calendar": Text(
        vi="Sửa tệp được nêu, hoặc bỏ khỏi hours.calendar.",
        en="mend the file that is named, or take it out of hours.calendar",
    ),
    "profiles": Text(
        vi="Sửa [screening] profile, [[profile]] hoặc tệp được nêu.",
        en="mend [screening] profile, [[profile]], or the file that is named",
    ),
    "removal": Text(
        vi="Sửa [[removal]] được nêu; để như vậy nút không khởi động được.",
        en="mend the [[removal]] that is named; the node does not start like this",
    ),
    "disk": Text(
        vi="Kiểm tra để storage.documents chỉ đến một thư mục có thật.",
        en="make sure that storage.documents names a folder that exists",
    ),
    "bucket": Text(
        vi="Kiểm tra kho có tồn tại, kết nối được máy chủ, khóa được quyền đọc, ghi, liệt kê và "
        "xóa: [storage] s3_….",
        en="see that the bucket exists, that its server can be reached, and that the key may read, "
        "write, list and delete there: [storage] s3_…",
    ),
    "store": Text(
        vi="Kiểm tra để người dùng này ghi được vào các thư mục của [storage].",
        en="make sure that the folders of [storage] can be written by this user",
    ),
    "incidents": Text(
        vi="Khắc phục, rồi `gateway incident close`; sự cố do nút tự mở thì nút tự đóng.",
        en="mend it, then `gateway incident close`; one that the node opened closes by itself",
    ),
    "archive": Text(
        vi="Đặt lại các tệp từ bản sao lưu hoặc bản sao: `gateway audit verify` cần chúng.",
        en="put the files back, from a backup or a copy: `gateway audit verify` needs them",
    ),
    "listen": Text(
        vi="Sửa [http]; để như vậy nút không khởi động được.",
        en="mend [http]; the node does not start like this",
    ),
    "connections": Text(
        vi="Sửa mục được nêu; để như vậy nút không khởi động được.",
        en="mend the entry that is named; the node does not start like this",
    ),
    "scanner": Text(
        vi="Sửa screening.clamd; để như vậy nút không khởi động được.",
        en="mend screening.clamd; the node does not start like this",
    ),
    "time": Text(
        vi="Kiểm tra để mạng cho nút hỏi notify.ntp_servers (UDP 123).",
        en="see that the network lets the node ask notify.ntp_servers (UDP 123)",
    ),
    "mail": Text(
        vi="Sửa [notify] smtp_…; để như vậy nút không khởi động được.",
        en="mend [notify] smtp_…; the node does not start like this",
    ),
    "offices": Text(
        vi="Sửa [storage] trước: không đọc được danh mục cơ quan.",
        en="mend [storage] first: the directory of agencies cannot be read",
    ),
}

#: What replaces a certificate that ends.
SUCCESSORS = {
    "keys": Text(
        vi="Thay bằng chứng thư còn hạn dài hơn của cùng khóa, hoặc `gateway receipt new-key`.",
        en="put a certificate that lasts longer for the same key in its place, or "
        "`gateway receipt new-key`",
    ),
    "tls": Text(
        vi="Đặt chứng thư kế tiếp vào các tệp của [http]; không cần khởi động lại.",
        en="put its successor into the files of [http]; it is shown without a new start",
    ),
    "stamps": Text(
        vi="Đặt chứng thư kế tiếp bên cạnh; cả hai được dùng khi còn hạn.",
        en="put its successor beside it; both are used while both are valid",
    ),
    "trust": Text(
        vi="Đặt chứng thư kế tiếp bên cạnh; cả hai được dùng khi còn hạn.",
        en="put its successor beside it; both are used while both are valid",
    ),
}

NOTHING = Text()
FAULT = Text(vi="Kiểm tra không qua: {fault}", en="the check failed: {fault}")
CONFIGURED = Text(vi="{file}: nút {code}", en="{file}: {code}")
SCANNER_ANSWERS = Text(vi="{address} có trả lời.", en="{address} answers")
SCANNER_SILENT = Text(
    vi="{address} không trả lời; unscanned = {then}",
    en="{address} does not answer; unscanned = {then}",
)
SCANNER_START = Text(
    vi="Khởi động clamd, hoặc sửa screening.clamd.", en="start clamd, or mend screening.clamd"
)
LASTS = Text(vi="{file}: {subject}, có hiệu lực đến {end}", en="{file}: {subject}, valid to {end}")
LASTS_DAYS = Text(
    vi="{file}: {subject}, có hiệu lực đến {end}: còn {left} ngày, nhắc trước {stage} ngày",
    en="{file}: {subject}, valid to {end}: {left} days left, warned {stage} days ahead",
)
EXPIRED = Text(
    vi="{file}: {subject}, có hiệu lực đến {end}: đã hết hạn",
    en="{file}: {subject}, valid to {end}: it has expired",
)
FORMER = Text(
    vi="{subject}, số sê-ri {serial}, có hiệu lực đến {end}",
    en="{subject}, serial {serial}, valid to {end}",
)
STAMPED = Text(
    vi="{url}, {anchors} chứng thư tin cậy: mọi hồi báo đều có dấu",
    en="{url}, {anchors} certificates to trust: every receipt is stamped",
)
STAMPS_WAIT = Text(
    vi="{url}, {anchors} chứng thư tin cậy: hồi báo cũ nhất chưa có dấu là của {since}, còn "
    "{hours} giờ",
    en="{url}, {anchors} certificates to trust: the oldest without a stamp is of {since}, "
    "{hours} hours left",
)
TRUST_FAULT = Text(vi="Tệp không dùng được: {fault}", en="{fault}")
TRUST_FAULT_MEND = Text(
    vi="Bỏ tệp ra, hoặc thay bằng tệp đúng.",
    en="take the file out, or put the right one in its place",
)
TRUSTED = Text(
    vi="{anchors} chứng thư gốc tin cậy, {others} chứng thư trung gian, {lists} danh sách thu hồi",
    en="{anchors} anchors, {others} intermediates, {lists} revocation lists",
)
TRUST_NOBODY = Text(
    vi="Đặt chứng thư của các cơ quan chứng thực mà đơn vị tin cậy vào {folders}.",
    en="put the certificates of the authorities you trust into {folders}",
)
TRUST_ENDS = Text(
    vi="{subject} hết hạn sau {left} ngày (nhắc trước {stage} ngày): {file}",
    en="{subject} expires in {left} days (warned {stage} days ahead): {file}",
)
TRUST_ENDED = Text(
    vi="{subject} đã hết hạn (nhắc trước {stage} ngày): {file}",
    en="{subject} has expired (warned {stage} days ahead): {file}",
)
YEAR_KNOWN = Text(vi="{year}: {notice}", en="{year}: {notice}")
YEAR_MISSING = Text(vi="Chưa nhập lịch nghỉ năm {year}", en="{year} is not entered")
YEAR_ENTER = Text(
    vi="Giờ pháp lý của năm {year} chỉ là tạm tính: nhập các thông báo nghỉ vào {files}.",
    en="legal times of {year} are provisional: enter its notices in {files}",
)
PROFILES = Text(vi="{names}", en="{names}")
REMOVAL = Text(vi="{names}", en="{names}")
DISK = Text(
    vi="{folder}: còn trống {free} MB, dưới {least} MB thì ngừng nhận văn bản",
    en="{folder}: {free} MB free, submissions stop below {least} MB",
)
DISK_FULL = Text(
    vi="Giải phóng chỗ; trước hết là bản sao lưu và nhật ký cũ.",
    en="make room; old backups and logs first",
)
BUCKET = Text(
    vi="{place} ghi, đọc, liệt kê và xóa được",
    en="{place} can be written, read, listed and cleared",
)
BUCKET_CLEAR = Text(
    vi="{endpoint}: văn bản đi đến đó không được mã hóa",
    en="{endpoint}: documents travel there unencrypted",
)
BUCKET_TLS = Text(
    vi="Cấp chứng thư cho máy chủ và ghi https://.",
    en="give the server a certificate and write https://",
)
BUCKET_CLOCK = Text(
    vi="Đồng hồ của kho và của máy này lệch {seconds} giây",
    en="its clock and ours are {seconds} s apart",
)
BUCKET_NTP = Text(
    vi="Chỉnh cả hai bằng NTP: yêu cầu được ký kèm thời gian.",
    en="set both by NTP: requests are signed with the time",
)
STORE = Text(vi="Ghi được vào {database}", en="{database} can be written")
CLOCK_NEW = Text(vi="{now}, chưa có bản ghi nào", en="{now}, no record yet")
CLOCK = Text(vi="{now}", en="{now}")
CLOCK_BEHIND = Text(
    vi="Ở đây là {now}, nhưng bản ghi mới nhất là của {newest}",
    en="it is {now} here, but the newest record is of {newest}",
)
CLOCK_SET = Text(
    vi="Chỉnh đồng hồ và để NTP giữ đúng giờ.", en="set the clock, and let NTP keep it"
)
ARCHIVE = Text(vi="{folder}: {count} tệp", en="{folder}: {count} files")
ARCHIVE_LACKS = Text(
    vi="{folder}: thiếu {missing} trong {count} tệp lưu trữ: {first}",
    en="{folder}: {missing} of {count} archived files are missing: {first}",
)
CLOCK_AHEAD = Text(
    vi="{server}: đồng hồ của nút nhanh {seconds} giây",
    en="{server}: our clock is {seconds} s ahead",
)
CLOCK_SLOW = Text(
    vi="{server}: đồng hồ của nút chậm {seconds} giây",
    en="{server}: our clock is {seconds} s behind",
)
MAIL = Text(vi="{host} cổng {port} cho phép gửi", en="{host} port {port} lets us in")
MAIL_FAULT = Text(vi="{host} cổng {port}: {fault}", en="{host} port {port}: {fault}")
MAIL_WAITS = Text(
    vi="Kiểm tra máy chủ thư và sửa [notify] smtp_…; thư chờ trong lúc đó.",
    en="see that it runs, and mend [notify] smtp_…; mails wait meanwhile",
)
LISTEN_FREE = Text(vi="{address}, cổng còn trống", en="{address}, the port is free")
LISTEN_ELSEWHERE = Text(
    vi="{address}, cổng còn trống: nút đang phục vụ ở địa chỉ khác (--host, --port)",
    en="{address}, the port is free: the node is serving at another address (--host, --port)",
)
LISTEN_SERVED = Text(vi="{address}, nút đang phục vụ", en="{address}, the node is serving")
LISTEN_SHARED = Text(
    vi="{address}: cổng đang có chương trình dùng; đúng nếu đó là nút này",
    en="{address}: something listens there already, as it should when it is this node",
)
LISTEN_TAKEN = Text(
    vi="{address}: nút không dùng được cổng này: {fault}",
    en="{address}: the node cannot have this port: {fault}",
)
LISTEN_OTHER = Text(
    vi="Dừng chương trình đang giữ cổng, hoặc đổi [http] port (peer_port); để như vậy nút không "
    "khởi động được.",
    en="stop the program that holds the port, or change [http] port (peer_port); the node does not "
    "start like this",
)
CONNECTION_FAULT = Text(vi="{name}: {fault}", en="{name}: {fault}")
CONNECTIONS = Text(vi="{offices} đơn vị, {axes} trục", en="{offices} offices, {axes} axes")
OFFICES = Text(vi="{count} mục trong cấu hình", en="{count} in the configuration")
AGENCY_UNKNOWN = Text(
    vi="{name}: danh mục không có cơ quan này",
    en="{name}: the directory does not know this agency",
)
AGENCY_ENTER = Text(
    vi="Sửa mã, hoặc nhập cơ quan bằng `gateway agency add`.",
    en="mend the code, or enter the agency with `gateway agency add`",
)
AGENCY_CODE = Text(
    vi="{name}: mã đang có hiệu lực là {code}", en="{name}: the code in force is {code}"
)
AGENCY_CODE_WRITE = Text(vi="Ghi mã đó vào cấu hình.", en="write that code")
FOLDER_MISSING = Text(
    vi="{name}: không có thư mục {folder}", en="{name}: there is no folder {folder}"
)
FOLDER_MAKE = Text(
    vi="Gắn hoặc tạo thư mục dùng chung giữa phần mềm và nút.",
    en="mount or make the folder that the office shares with the node",
)
