module parcel-shop.example/worker

go 1.23
