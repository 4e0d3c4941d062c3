//! The texts that the packs' policies rest on: assessments of interests and policy documents.

/// Each by the name it has in its policy.
pub const TEXTS: &[(&str, &str)] = &[
    (
        "assessments/blue-turtle/correspondence.md",
        include_str!("../../../../policies/assessments/blue-turtle/correspondence.md"),
    ),
    (
        "assessments/blue-turtle/employment-law.md",
        include_str!("../../../../policies/assessments/blue-turtle/employment-law.md"),
    ),
    (
        "assessments/blue-turtle/investigations.md",
        include_str!("../../../../policies/assessments/blue-turtle/investigations.md"),
    ),
    (
        "assessments/blue-turtle/research.md",
        include_str!("../../../../policies/assessments/blue-turtle/research.md"),
    ),
    (
        "assessments/blue-turtle/staff.md",
        include_str!("../../../../policies/assessments/blue-turtle/staff.md"),
    ),
    (
        "assessments/chorus/correspondence.md",
        include_str!("../../../../policies/assessments/chorus/correspondence.md"),
    ),
    ("assessments/chorus/enquiries.md", include_str!("../../../../policies/assessments/chorus/enquiries.md")),
    ("assessments/chorus/marketing.md", include_str!("../../../../policies/assessments/chorus/marketing.md")),
    ("assessments/chorus/staff.md", include_str!("../../../../policies/assessments/chorus/staff.md")),
    ("assessments/cli/contacts.md", include_str!("../../../../policies/assessments/cli/contacts.md")),
    (
        "assessments/cli/correspondence.md",
        include_str!("../../../../policies/assessments/cli/correspondence.md"),
    ),
    ("assessments/cli/employment.md", include_str!("../../../../policies/assessments/cli/employment.md")),
    ("assessments/cli/enquiries.md", include_str!("../../../../policies/assessments/cli/enquiries.md")),
    ("assessments/cli/expenses.md", include_str!("../../../../policies/assessments/cli/expenses.md")),
    ("assessments/cli/post.md", include_str!("../../../../policies/assessments/cli/post.md")),
    ("assessments/cli/recruitment.md", include_str!("../../../../policies/assessments/cli/recruitment.md")),
    ("assessments/cli/research.md", include_str!("../../../../policies/assessments/cli/research.md")),
    ("assessments/cli/staff.md", include_str!("../../../../policies/assessments/cli/staff.md")),
    ("assessments/cli/support.md", include_str!("../../../../policies/assessments/cli/support.md")),
    ("assessments/cli/training.md", include_str!("../../../../policies/assessments/cli/training.md")),
    ("assessments/cli/volunteers.md", include_str!("../../../../policies/assessments/cli/volunteers.md")),
    ("assessments/cmp/casework.md", include_str!("../../../../policies/assessments/cmp/casework.md")),
    (
        "assessments/cmp/correspondence.md",
        include_str!("../../../../policies/assessments/cmp/correspondence.md"),
    ),
    ("assessments/cmp/enquiries.md", include_str!("../../../../policies/assessments/cmp/enquiries.md")),
    ("assessments/cmp/promotion.md", include_str!("../../../../policies/assessments/cmp/promotion.md")),
    ("assessments/cmp/staff.md", include_str!("../../../../policies/assessments/cmp/staff.md")),
    ("assessments/cmp/training.md", include_str!("../../../../policies/assessments/cmp/training.md")),
    ("assessments/correspondence.md", include_str!("../../../../policies/assessments/correspondence.md")),
    ("assessments/news.md", include_str!("../../../../policies/assessments/news.md")),
    ("assessments/offers.md", include_str!("../../../../policies/assessments/offers.md")),
    ("assessments/organisations.md", include_str!("../../../../policies/assessments/organisations.md")),
    ("assessments/staff.md", include_str!("../../../../policies/assessments/staff.md")),
    (
        "assessments/starter/correspondence.md",
        include_str!("../../../../policies/assessments/starter/correspondence.md"),
    ),
    ("assessments/starter/staff.md", include_str!("../../../../policies/assessments/starter/staff.md")),
];
