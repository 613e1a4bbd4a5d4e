import { homeFolder, makeSecrets } from '../shared/runtime/home.ts'

// The processes of `docker compose up` share one volume with the secrets that `./aero up` would make.
if (import.meta.main) makeSecrets(homeFolder(process.env))
