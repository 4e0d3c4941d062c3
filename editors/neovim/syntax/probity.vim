" Colours for Probity policies.
if exists("b:current_syntax") | finish | endif
syntax match probityComment "\(^\|\s\)\zs#.*$"
syntax region probityText start=+"+ end=+"\|^\s*$+
syntax match probityOpener "^\s*\(statistics\|incidents\|processor\|recipient\|activity\|category\|document\|requests\|security\|backups\|channel\|include\|periods\|promise\|accept\|notice\|policy\|visits\|entry\|event\|never\|ends\|fact\|form\|item\|role\|work\)\>"
syntax match probityClause "^\s\+\(financial year\|acknowledge\|complaints\|controller\|milestones\|recipients\|registered\|agreement\|condition\|decisions\|encrypted\|signature\|previews\|receives\|visitors\|identity\|password\|register\|address\|because\|by hand\|contact\|cookies\|imports\|may see\|officer\|ordered\|paid by\|purpose\|reading\|results\|so that\|version\|answer\|attest\|charge\|confirm\|copies\|extend\|footer\|format\|may do\|people\|review\|screen\|script\|traces\|unless\|asked\|basis\|facts\|files\|given\|share\|shown\|terms\|where\|asks\|call\|data\|from\|home\|keep\|send\|then\|tick\|zone\|for\|law\|say\|was\|by\)\>"
syntax match probityPromise "\<promise\s\+[A-Z][A-Z0-9]*-[0-9]\+.*$"
syntax match probityNumber "\<[0-9][0-9-]*\>"
syntax match probityCode "\<[EWA]-[A-Z][A-Z-]*\>"
highlight default link probityComment Comment
highlight default link probityText String
highlight default link probityOpener Keyword
highlight default link probityClause Statement
highlight default link probityPromise Tag
highlight default link probityNumber Number
highlight default link probityCode Identifier
let b:current_syntax = "probity"
