/** The tutorial's own sample: one leg from Bogotá to New York. */
export const reservationBody = {
  itineraries: [
    {
      odos: [
        {
          segments: [
            {
              legs: [
                {
                  departure: '2022-11-22T13:10:00Z',
                  arrival: '2022-11-22T15:10:00Z',
                  origin: { code: 'BOG', name: 'El Dorado' },
                  destination: { code: 'JFK', name: 'John F. Kennedy' },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
} as const

export const userBody = (email: string) => ({
  first_name: 'Ana',
  last_name: 'Ruiz',
  email,
  password: 'correct horse battery staple',
  kind: 'person',
  national_id: '1020304050',
  locale: 'es',
})
