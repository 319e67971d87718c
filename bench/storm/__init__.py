"""The attach storm: many volumes of one slow array, all wanted at the same moment."""
