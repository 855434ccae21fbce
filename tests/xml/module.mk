# Golden tests of domain XML.

XML_SHOW := $(BUILD)/tests/xml/show
TEST_NEEDS += $(XML_SHOW)

$(XML_SHOW): tests/xml/show.c $(LIBHV_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=gnu11 -O1 -g $(WARN) -I libhv/include -o $@ $< $(LIBHV_OBJ) $(LIBHV_LIBS)
