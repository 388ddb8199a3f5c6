"""Tests of the sample room: the synthetic rows keep the promises made about them."""
