"""Making the models of ``classifiers/models``, from labelled data, with the extra ``train``; not needed in use."""
