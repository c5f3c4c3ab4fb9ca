import description from '../package.json' with { type: 'json' };

/** Release of this gateway, `major.minor.patch`; a bundle may ask for a newer one. */
export const GatewayRelease: string = description.version;
