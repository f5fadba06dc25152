/** Name of the report in a session's folder. */
export const reportFileName = 'session.html';

/** Name of the contact sheet in a session's folder. */
export const contactSheetFileName = 'contact-sheet.png';
