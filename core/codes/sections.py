"""The sections of ICD-10-PCS: the first character of a procedure code."""

PCS_SECTIONS = {
    "0": "Medical and surgical procedures",
    "1": "Obstetrics",
    "2": "Placement",
    "3": "Administration",
    "4": "Measurement and monitoring",
    "5": "Extracorporeal assistance and performance",
    "6": "Extracorporeal therapies",
    "7": "Osteopathic treatment",
    "8": "Other procedures",
    "9": "Chiropractic treatment",
    "B": "Imaging",
    "C": "Nuclear medicine",
    "D": "Radiation therapy",
    "F": "Physical rehabilitation and audiology",
    "G": "Mental health",
    "H": "Substance abuse treatment",
    "X": "New technology",
}
