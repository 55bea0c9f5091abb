// Runs a throw-away Vendure on 127.0.0.1, for the tests: a shop without a database server, whose products,
// customers and orders are gone when it ends. It is bound to whoever started it: when its standard input
// is closed, it ends at once.
//
//     NODE_PATH=…/node_modules node server.js PORT [cookie]
//
// With `cookie` it gives sessions as cookies only, as Vendure does where nothing else is configured.

const { ChannelService, CurrencyCode, DefaultLogger, LanguageCode, LogLevel, RequestContext } = require('@vendure/core');
const { bootstrap, dummyPaymentHandler } = require('@vendure/core');
const { populateInitialData } = require('@vendure/core/cli');

const [port, tokens] = process.argv.slice(2);

// What tests/it/support/vendure.rs logs in with.
const ADMINISTRATOR = { identifier: 'superadmin', password: 'the keeper of a throw-away shop' };

let seeded = false;

const config = {
    apiOptions: {
        hostname: '127.0.0.1',
        port: Number(port),
        cors: false,
        csrfPrevention: true,
        middleware: [{ route: 'ready', handler: (_, response) => response.sendStatus(seeded ? 200 : 503) }],
    },
    authOptions: {
        tokenMethod: tokens === 'cookie' ? 'cookie' : ['bearer', 'cookie'],
        superadminCredentials: ADMINISTRATOR,
        // Nobody reads mails here.
        requireVerification: false,
    },
    dbConnectionOptions: { type: 'sqljs', synchronize: true, logging: false },
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
};

const seed = {
    defaultLanguage: LanguageCode.en,
    defaultZone: 'Europe',
    countries: [
        { name: 'Austria', code: 'AT', zone: 'Europe' },
        { name: 'Germany', code: 'DE', zone: 'Europe' },
    ],
    taxRates: [{ name: 'Standard Tax', percentage: 20 }],
    shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
    paymentMethods: [
        // One settles at once, the other waits until somebody settles it.
        { name: 'Paid at once', handler: { code: dummyPaymentHandler.code, arguments: [{ name: 'automaticSettle', value: 'true' }] } },
        { name: 'Paid later', handler: { code: dummyPaymentHandler.code, arguments: [{ name: 'automaticSettle', value: 'false' }] } },
    ],
    collections: [],
};

async function main() {
    process.stdin.on('end', () => process.exit(0)).resume();
    const app = await bootstrap(config);
    await populateInitialData(app, seed);
    const channels = app.get(ChannelService);
    const { id } = await channels.getDefaultChannel();
    const money = { availableCurrencyCodes: [CurrencyCode.EUR], defaultCurrencyCode: CurrencyCode.EUR, pricesIncludeTax: true };
    await channels.update(RequestContext.empty(), { id, ...money });
    seeded = true;
}

main().catch(error => {
    console.error(error);
    process.exit(1);
});
