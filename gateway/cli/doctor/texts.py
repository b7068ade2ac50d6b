"""What `gateway doctor` says, Vietnamese and English side by side: one source for people and pages.

Here stand the titles of the checks and what mends one that cannot be made at all; what a check finds
is worded beside it. A text in braces is filled in with values; what the node itself reports as a
fault is quoted as it came, in English.
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
    "numbers": Text(vi="Cấp số", en="Numbers"),
    "clock": Text(vi="Đồng hồ", en="Clock"),
    "stamps": Text(vi="Dấu thời gian", en="Time stamps"),
    "listen": Text(vi="Cổng dịch vụ", en="Address"),
    "connections": Text(vi="Đường kết nối", en="Connections"),
    "axes": Text(vi="Trục liên thông", en="Axes"),
    "offices": Text(vi="Phần mềm của đơn vị", en="Office systems"),
    "scanner": Text(vi="Quét mã độc", en="Malware scanner"),
    "incidents": Text(vi="Sự cố đang mở", en="Open incidents"),
    "guards": Text(vi="Bảo vệ nhật ký kiểm toán", en="Guards of the audit record"),
    "archive": Text(vi="Lưu trữ nhật ký kiểm toán", en="Archive of the audit record"),
    "time": Text(vi="Máy chủ thời gian", en="Time servers"),
    "traces": Text(vi="Vết (OpenTelemetry)", en="Traces"),
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
    "numbers": Text(
        vi="Sửa [storage] trước: không đọc được cơ sở dữ liệu.",
        en="mend [storage] first: the database cannot be read",
    ),
    "guards": Text(
        vi="Sửa [storage] trước: không đọc được cơ sở dữ liệu.",
        en="mend [storage] first: the database cannot be read",
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
    "traces": Text(
        vi="Cài `liaison-gateway[traces]`, sửa [traces], hoặc để trống endpoint; để như vậy nút không "
        "khởi động được.",
        en="install `liaison-gateway[traces]`, mend [traces], or leave its endpoint empty; the node "
        "does not start like this",
    ),
    "mail": Text(
        vi="Sửa [notify] smtp_…; để như vậy nút không khởi động được.",
        en="mend [notify] smtp_…; the node does not start like this",
    ),
    "axes": Text(
        vi="Sửa [[axis]] được nêu.",
        en="mend the [[axis]] that is named",
    ),
    "offices": Text(
        vi="Sửa [storage] trước: không đọc được danh mục cơ quan.",
        en="mend [storage] first: the directory of agencies cannot be read",
    ),
}


NOTHING = Text()
FAULT = Text(
    vi="Kiểm tra không qua; nút báo nguyên văn: “{fault}”", en="the check failed: {fault}"
)
CLOCK_SET = Text(
    vi="Chỉnh đồng hồ và để NTP giữ đúng giờ.", en="set the clock, and let NTP keep it"
)
