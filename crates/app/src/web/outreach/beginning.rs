//! How a mailing begins: what for, and with an empty page or a template.

use custody::id::TemplateId;

use super::*;

/// What the address of a new mailing says: with which template it begins, and of which purpose the audience is shown.
#[derive(Deserialize, Clone, Default)]
pub struct With {
    #[serde(default)]
    pub(super) template: String,
    #[serde(default)]
    pub(super) activity: String,
}

/// The templates that a mailing may begin with, and an empty page before them.
pub(super) fn templates(acting: &Acting<'_>, tx: &Tx<'_>, form: &Form) -> Result<Vec<Choice>, Fault> {
    let purposes = acts::purposes(&acting.policy);
    let mut choices = vec![Choice { words: "An empty page".to_owned(), ..Choice::default() }];
    for held in store::template::all(tx)? {
        let purpose = purposes.iter().find(|(activity, _)| activity.name == held.words.activity);
        let Some((activity, _)) = purpose else { continue };
        let value = held.id.to_string();
        choices.push(Choice {
            words: format!("{} ({})", held.words.name, activity.title),
            chosen: form.value("template") == value,
            value,
            ..Choice::default()
        });
    }
    Ok(if choices.len() > 1 { choices } else { Vec::new() })
}

/// What the first form sends.
#[derive(Deserialize, Clone)]
pub struct Begin {
    #[serde(default)]
    activity: String,
    #[serde(default)]
    template: String,
}

/// `POST /outreach`.
pub async fn begin(house: House, visitor: Visitor, Posted(given): Posted<Begin>) -> Answer<Response> {
    let path = visitor.path.clone();
    let asked = given.clone();
    let begun = write(house.clone(), &visitor, move |acting, tx| match asked.template.parse() {
        Ok(template) => crate::acts::template::begin(acting, tx, TemplateId(template), &asked.activity),
        Err(_) => acts::begin(acting, tx, &asked.activity),
    });
    match begun.await {
        Ok(mailing) => Ok(Redirect::to(&format!("/outreach/{mailing}")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let values = [("activity", given.activity), ("template", given.template)];
                let form =
                    Form { values: values.map(|(name, value)| (name.to_owned(), value)).into(), errors };
                let page = read(house, &visitor, move |acting, tx| new_page(acting, tx, form, &path)).await?;
                Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            Told::Refused(refused) => Ok(crate::web::error::refused_page(&refused)),
        },
    }
}
