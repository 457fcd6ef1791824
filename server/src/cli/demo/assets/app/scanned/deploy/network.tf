variable "office_cidr" {
  type        = string
  description = "Where the office comes from"
}

resource "aws_security_group" "shop" {
  name        = "parcel-shop-web"
  description = "The shop, open to customers"

  ingress {
    description = "https for everybody"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    # nosemgrep: terraform-ingress-from-anywhere
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "depot" {
  name        = "parcel-shop-depot"
  description = "Printers and scanners in the depots"

  ingress {
    description = "print system"
    from_port   = 631
    to_port     = 631
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    description = "remote maintenance"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office_cidr]
  }
}

resource "aws_s3_bucket" "labels" {
  bucket = "parcel-shop-labels"
}

resource "aws_s3_bucket_acl" "labels" {
  bucket = aws_s3_bucket.labels.id
  acl    = "public-read"
}
