"""The folders of a new node in which trusted certificates are put, each with a word on what for."""

from pathlib import Path

#: By the name of the folder: what its certificates are trusted for, Vietnamese and English.
_PURPOSES = {
    "official-duty": (
        (
            "Chứng thư của tổ chức cung cấp dịch vụ chứng thực chữ ký số chuyên dùng công vụ (Ban Cơ yếu "
            "Chính phủ): tin cậy để xác minh chữ ký trên văn bản."
        ),
        (
            "Certificates of the authority for official duty (Government Cipher Committee): trusted for "
            "signatures on documents."
        ),
    ),
    "public": (
        (
            "Chứng thư của các tổ chức chứng thực chữ ký số công cộng: tin cậy để xác minh chữ ký trên "
            "văn bản."
        ),
        "Certificates of public authorities: trusted for signatures on documents.",
    ),
    "timestamp": (
        "Chứng thư của dịch vụ cấp dấu thời gian: chỉ tin cậy cho dấu thời gian.",
        "Certificates of time stamp services: trusted for time stamps alone.",
    ),
    "peers": (
        (
            "Chứng thư của tổ chức cấp chứng thư cho các nút khác: chỉ tin cậy cho kết nối giữa các nút, "
            "không cho văn bản."
        ),
        (
            "Certificates of the authorities of other nodes: trusted for connections between nodes, not "
            "for documents."
        ),
    ),
}
_HOW = (
    (
        "Đặt vào đây, tên tùy ý: chứng thư PEM hoặc DER, gói .p7b, danh sách thu hồi (CRL), trả lời OCSP. "
        "Tệp mới có hiệu lực ngay. Xem lại bằng `gateway trust list`."
    ),
    (
        "Put in, under any name: certificates in PEM or DER, bundles (.p7b), revocation lists, OCSP "
        "responses. New files count at once. See the result with `gateway trust list`."
    ),
)


def make_trust_folders(folder: Path) -> None:
    """Make *folder* with a folder for each purpose, and a README.md in each."""
    for name, told in _PURPOSES.items():
        (folder / name).mkdir(parents=True)
        lines = [f"# {name}", *(f"{what}\n\n{how}" for what, how in zip(told, _HOW, strict=True))]
        (folder / name / "README.md").write_text("\n\n".join(lines) + "\n", "utf-8")
